//! The program's own file as the name of code that states no revision.

use std::fs::File;
use std::hash::Hasher as _;
use std::io::Read as _;

use experiment::Registries;
use kv_core::policy::Registry;
use siphasher::sip::SipHasher13;

use crate::error::CliError;

/// The registries, with the program's own file named as the code of every policy whose author states none.
///
/// Whatever is compiled into the program is in that file, so no change of any code is missed. A comment may change it
/// too, since the file has the numbers of lines.
pub(crate) fn stated(registries: &Registries) -> Result<Registries, CliError> {
    let mut registries = registries.clone();
    let Registries { policies, routers, schedulers, searches: _ } = &mut registries;
    let unstated: Vec<&mut Registry> =
        [policies, routers, schedulers].into_iter().filter(|registry| registry.has_unstated()).collect();
    if !unstated.is_empty() {
        // Once in a process.
        let name: &'static str = Box::leak(revision()?.into_boxed_str());
        let names: &'static [&'static str] = Box::leak(Box::new([name]));
        unstated.into_iter().for_each(|registry| registry.state(names));
    }
    Ok(registries)
}

fn revision() -> Result<String, CliError> {
    let path =
        std::env::current_exe().map_err(|error| CliError::machine(format!("this program: {error}")))?;
    let machine = |error: std::io::Error| CliError::machine(format!("{}: {error}", path.display()));
    // On Linux this path is the running file, even where another file has taken its place.
    let mut file = File::open("/proc/self/exe").or_else(|_| File::open(&path)).map_err(machine)?;
    let (mut hasher, mut buffer) = (SipHasher13::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut buffer).map_err(machine)? {
            0 => return Ok(format!("{:016x}", hasher.finish())),
            length => hasher.write(&buffer[..length]),
        }
    }
}
