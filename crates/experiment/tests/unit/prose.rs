//! How names of figures are read, shown and refused.

use super::{Piece, Value, pieces};

/// Shows every figure of a text as this number.
fn shown(text: &str, value: f64) -> String {
    let piece = |piece| match piece {
        Piece::Words(words) => words,
        Piece::Figure { shown, .. } => shown.text(&Value::Number(value)),
    };
    pieces(text).expect("names").into_iter().map(piece).collect()
}

#[test]
fn a_value_is_shown_as_the_text_asks() {
    assert_eq!(shown("{knee.cost} CNY", 69.384), "69.4 CNY");
    assert_eq!(shown("{knee.cost|5}, {knee.cost|.1}", 69.384), "69.384, 69.4");
    assert_eq!(shown("{change.baseline>knee.cost|+.1} %", 4.25), "+4.3 %");
    assert_eq!(shown("{most.hit_ratio|3%}", 0.2934), "29.3 %");
    assert_eq!(shown("{trace.requests}", 12_031.0), "12,031");
    assert_eq!(shown("{change.a=1>a=2.cost|.0}", -0.2), "0");
}

#[test]
fn what_names_no_figure_is_refused_with_what_is_allowed() {
    let said = |text: &str| pieces(text).expect_err("no name").1;
    assert!(said("{cost}").contains("allowed: claim.ID.FIELD"), "{}", said("{cost}"));
    assert!(said("{best.cost}").contains("knee"));
    assert!(said("{point.dram.cost}").contains("`dram` is no setting"));
    assert!(said("{knee.cost|x}").contains("`|x` is no form of a number"));
    assert_eq!(said("{knee.cost"), "the brace is not closed");
}

#[test]
fn a_value_of_a_setting_may_have_a_point() {
    let pieces = pieces("{point.rate=0.5,trace=chat.cost}").expect("a name");
    let found = format!("{:?}", pieces[1]);
    assert!(
        found.contains(r#"[("rate", "0.5"), ("trace", "chat")]"#) && found.contains(r#"figure: "cost""#),
        "{found}"
    );
}
