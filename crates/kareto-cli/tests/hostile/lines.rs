//! Whole command lines: words of the program in any order, with values at which something may break.

use std::ffi::OsString;

use clap::CommandFactory as _;

use super::{Dice, NUMBERS, TEXTS, inputs, none_panics};
use crate::args::Args;

/// The words of a command and of all below it.
fn words(command: &clap::Command, into: &mut Vec<String>) {
    into.push(command.get_name().to_owned());
    for argument in command.get_arguments() {
        into.extend(argument.get_long().map(|long| format!("--{long}")));
        into.extend(argument.get_short().map(|short| format!("-{short}")));
        into.extend(argument.get_possible_values().iter().map(|value| value.get_name().to_owned()));
    }
    command.get_subcommands().for_each(|below| words(below, into));
}

/// The path to a command, drawn step by step.
fn path(dice: &mut Dice, command: &clap::Command) -> (Vec<OsString>, clap::Command) {
    let below: Vec<&clap::Command> = command.get_subcommands().collect();
    if below.is_empty() || dice.below(20) == 0 {
        return (Vec::new(), command.clone());
    }
    let chosen = below[dice.below(below.len())];
    let (rest, last) = path(dice, chosen);
    ([vec![OsString::from(chosen.get_name())], rest].concat(), last)
}

fn value(dice: &mut Dice) -> OsString {
    match dice.below(8) {
        0 => broken(dice),
        1 => dice.one_of(&TEXTS).into(),
        2 => format!("dram_gib={}", dice.one_of(&NUMBERS)).into(),
        3 => format!("{}={}", dice.one_of(&TEXTS), dice.one_of(&NUMBERS)).into(),
        4 => dice.one_of(&["x.toml", "-", "--", "a.csv", "trace.jsonl.gz", "="]).into(),
        _ => dice.one_of(&NUMBERS).into(),
    }
}

/// Text that is not UTF-8, where the system has such arguments.
#[cfg(unix)]
fn broken(dice: &mut Dice) -> OsString {
    use std::os::unix::ffi::OsStringExt as _;
    OsString::from_vec(vec![b'a', 0x80 | dice.below(128) as u8, b'='])
}

#[cfg(not(unix))]
fn broken(_: &mut Dice) -> OsString {
    "\u{FFFD}".into()
}

fn line(number: u64, words: &[String], root: &clap::Command) -> Vec<OsString> {
    let dice = &mut Dice(number);
    let (path, command) = path(dice, root);
    let mut line = vec![OsString::from("kareto")];
    line.extend(path);
    let own: Vec<&clap::Arg> = command.get_arguments().collect();
    for _ in 0..dice.below(8) {
        match own.get(dice.below(own.len() + 2)) {
            Some(argument) => {
                if let Some(long) = argument.get_long() {
                    line.push(format!("--{long}").into());
                }
                if argument.get_action().takes_values() {
                    line.push(value(dice));
                }
            }
            None if dice.below(2) == 0 => line.push(words[dice.below(words.len())].clone().into()),
            None => line.push(value(dice)),
        }
    }
    line
}

#[test]
fn no_command_line_panics() {
    let (mut all, root) = (Vec::new(), Args::command());
    words(&root, &mut all);
    let shown = |number: u64| format!("{:?}", line(number, &all, &root));
    none_panics(inputs(2000), shown, |number| {
        if let Err(error) = Args::of(line(number, &all, &root)) {
            assert!([0, 2].contains(&error.exit_code()));
            assert!(!error.render().to_string().is_empty());
        }
    });
}

#[test]
#[cfg(unix)]
fn an_argument_that_is_not_utf8_is_named() {
    let broken = broken(&mut Dice(1));
    let line = |option: &str| {
        let words = ["kareto", "simulate", "file.toml", option].map(OsString::from);
        Args::of([words.as_slice(), std::slice::from_ref(&broken)].concat())
    };
    let error = line("--set").unwrap_err();
    let text = error.render().to_string();
    assert!(error.exit_code() == 2 && text.contains("`a\u{FFFD}=` is not UTF-8; allowed:"), "{text}");
    assert!(line("--trace").is_ok(), "a name of a file");
}

/// Of every option that takes a number: `-1` is its value, and is either taken or refused with what is allowed.
#[test]
fn a_negative_value_is_no_unknown_argument() {
    fn each(path: &[OsString], command: &clap::Command) {
        for argument in command.get_arguments().filter(|it| it.get_action().takes_values()) {
            let Some(long) = argument.get_long() else { continue };
            let option = [OsString::from(format!("--{long}")), OsString::from("-1")];
            let Err(error) = Args::of([path, &option].concat()) else { continue };
            let text = error.render().to_string();
            assert!(!text.contains("unexpected argument"), "{path:?} {option:?}: {text}");
            if error.kind() != clap::error::ErrorKind::MissingRequiredArgument {
                assert!(text.contains("'-1'") && !text.contains("invalid digit"), "{option:?}: {text}");
            }
        }
        for below in command.get_subcommands() {
            each(&[path, &[OsString::from(below.get_name())]].concat(), below);
        }
    }
    each(&[OsString::from("kareto")], &Args::command());
}
