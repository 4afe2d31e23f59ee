//! Pages: everything is escaped, nothing is loaded, the same bytes each time.

use report::chart::{Axis, Scatter};
use report::html::{Figure, Page, TableView};
use report::{Cell, Kind, Table};

fn page() -> Page {
    let mut table = Table::new(&[("pick <b>", Kind::Text), ("tokens/s", Kind::F64), ("blocks", Kind::I64)])
        .expect("distinct");
    table.push_row(["fixed".into(), 9920.0.into(), 1_024.into()]).expect("fits");
    table.push_row(["`knee` & co".into(), 12_031.5.into(), Cell::Missing]).expect("fits");
    let mut page = Page::new("Front of `chat` <1>");
    page.lead("What was asked, and **what came out**.");
    page.section("The front")
        .prose("See [the data](front.csv), not [this](javascript:alert(1)); 2 < 3.")
        .table(TableView::new(table).caption("Picks.").data("front.csv").highlight(1))
        .list(["one", "two"]);
    page.section("The front").facts([("seed", "1"), ("command", "`kareto run x.toml`")]);
    page.footer("Made by a test.");
    page
}

/// The style is the crate's own file and would fill the snapshot.
fn without_style(html: &str) -> String {
    let (before, rest) = html.split_once("<style>").expect("a style");
    let (_, after) = rest.split_once("</style>").expect("its end");
    let (body, script) = after.split_once("<script>").expect("a script");
    let (_, end) = script.split_once("</script>").expect("its end");
    let lines = format!("{before}<style></style>{body}<script></script>{end}");
    ["<head>", "<body>", "<section", "<p>", "<p ", "<figure", "<tr", "<ul>", "<dl>", "<footer>", "<main>"]
        .iter()
        .fold(lines, |text, tag| text.replace(tag, &format!("\n{tag}")))
}

#[test]
fn a_page_in_full() {
    insta::assert_snapshot!("page", without_style(&page().to_html()));
}

#[test]
fn a_page_needs_nothing_else_and_runs_its_own_script_only() {
    let mut page = page();
    let svg = Scatter::new("none", Axis::linear("x"), Axis::linear("y")).to_svg().expect("empty");
    page.section("Figure").figure(Figure::new(svg, "Nothing & no one.").data("front.csv").data("a b.csv"));
    page.section("More");
    let html = page.to_html();
    for forbidden in ["<script ", "<link", "<img", "@import", "url(", "href=\"javascript", "src="] {
        assert!(!html.contains(forbidden), "{forbidden}");
    }
    assert_eq!(html.matches("<script>").count(), 1, "the one that sorts tables");
    assert!(html.contains("<figcaption>Nothing &amp; no one."));
    assert!(html.contains("<nav aria-label=\"Contents\">"), "four sections have a list");
    assert!(html.contains("id=\"the-front-2\""), "the second section of one name has its own id");
    assert_eq!(html, page.to_html());
}
