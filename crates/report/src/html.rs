//! A report as one HTML file that needs nothing else: no fonts or network. Its script sorts tables, and lets a reader explore
//! a figure ([`Explorer`]); without it everything is there too.
//!
//! A [`Page`] is a title, a lead and sections of blocks. All text is escaped; its only markup is that of
//! `inline`. Figures are [`Svg`]s made by this crate. The caller decides what a page says; this module decides
//! how it looks, by day, by night and on paper.

mod explorer;
mod inline;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::chart::{DARK, Svg};
use crate::number::grouped_alike;
use crate::table::{Column, Table, column_texts};

use inline::inline;

pub use explorer::{Bill, Cells, Explorer, ExplorerAxis, ExplorerFigure, ExplorerMark, Price};

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");
/// Of pages with something to explore.
const EXPLORE: &str = include_str!("html/explore.js");
/// With more sections than this a page starts with a list of them.
const SECTIONS_WITHOUT_LIST: usize = 3;

/// A page.
///
/// Text may contain `` `code` ``, `**strong**` and `[words](link)`, where a link is relative or `http(s)`.
///
/// ```
/// use report::html::{Page, TableView};
/// use report::{Kind, Table};
///
/// let mut table = Table::new(&[("dram_gib", Kind::I64)])?;
/// table.push_row([512.into()])?;
/// let mut page = Page::new("Search on `chat`");
/// page.lead("One front, 25 points.");
/// let front = page.section("The front");
/// front.prose("Points of `front.csv`.").table(TableView::new(table).highlight(0));
/// assert!(page.to_html().starts_with("<!DOCTYPE html>"));
/// # Ok::<(), report::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    title: String,
    lead: Vec<String>,
    answer: Option<Answer>,
    sections: Vec<Section>,
    footer: Option<String>,
}

/// What a busy reader takes away.
#[derive(Debug, Clone, PartialEq)]
struct Answer {
    sentence: String,
    numbers: Vec<Number>,
}

/// A number in large type.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// What it is of, such as `mean TTFT`.
    pub of: String,
    /// The number with its unit.
    pub value: String,
    /// What it is compared with, in a few words; empty if nothing.
    pub beside: String,
}

/// A heading and what stands below it.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    heading: String,
    blocks: Vec<Block>,
}

#[derive(Debug, Clone, PartialEq)]
enum Block {
    Prose(String),
    List(Vec<String>),
    Facts(Vec<(String, String)>),
    Table(TableView),
    Figure(Figure),
}

/// A table as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct TableView {
    table: Table,
    caption: Option<String>,
    data: Vec<String>,
    highlighted: Vec<usize>,
    folded: Option<String>,
}

impl TableView {
    /// Shows all of `table`, its columns under their names; [`Table::select`] chooses and renames.
    pub fn new(table: Table) -> Self {
        TableView { table, caption: None, data: Vec::new(), highlighted: Vec::new(), folded: None }
    }

    /// Adds words above the table.
    pub fn caption(mut self, caption: impl Into<String>) -> Self {
        self.caption = Some(caption.into());
        self
    }

    /// Links the file that holds the data, by its path from the page.
    pub fn data(mut self, path: impl Into<String>) -> Self {
        self.data.push(path.into());
        self
    }

    /// Shows the table only when the reader opens it under these words.
    pub fn folded(mut self, words: impl Into<String>) -> Self {
        self.folded = Some(words.into());
        self
    }

    /// Makes a row stand out, counted from 0; one beyond the table is nothing.
    pub fn highlight(mut self, row: usize) -> Self {
        self.highlighted.push(row);
        self
    }
}

/// A chart with its caption.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    svg: Svg,
    caption: String,
    data: Vec<String>,
    explored: Option<Explored>,
}

/// What a reader may explore in a figure.
#[derive(Debug, Clone, PartialEq)]
enum Explored {
    Points(Box<Explorer>),
    Cells(Box<Cells>),
}

impl Figure {
    /// Shows `svg` over `caption`, which says what to see in it.
    pub fn new(svg: Svg, caption: impl Into<String>) -> Self {
        Figure { svg, caption: caption.into(), data: Vec::new(), explored: None }
    }

    /// Links a file that holds the data, by its path from the page.
    pub fn data(mut self, path: impl Into<String>) -> Self {
        self.data.push(path.into());
        self
    }

    /// Lets a reader explore the points of a [scatter plot](crate::chart::Scatter): hover, pin, filter, and change prices.
    pub fn explored(mut self, explorer: Explorer) -> Self {
        self.explored = Some(Explored::Points(Box::new(explorer)));
        self
    }

    /// Lets a reader explore the cells of a [lattice](crate::chart::Lattice).
    pub fn with_cells(mut self, cells: Cells) -> Self {
        self.explored = Some(Explored::Cells(Box::new(cells)));
        self
    }
}

impl Page {
    /// A page with a title and nothing else.
    pub fn new(title: impl Into<String>) -> Self {
        Page { title: title.into(), lead: Vec::new(), answer: None, sections: Vec::new(), footer: None }
    }

    /// Adds a paragraph below the title: what was asked and what came out.
    pub fn lead(&mut self, text: impl Into<String>) -> &mut Self {
        self.lead.push(text.into());
        self
    }

    /// Says the answer below the lead: a sentence, and a few numbers in large type.
    pub fn answer(&mut self, sentence: impl Into<String>, numbers: Vec<Number>) -> &mut Self {
        self.answer = Some(Answer { sentence: sentence.into(), numbers });
        self
    }

    /// Adds a section at the end and returns it to be filled.
    pub fn section(&mut self, heading: impl Into<String>) -> &mut Section {
        self.sections.push(Section { heading: heading.into(), blocks: Vec::new() });
        let last = self.sections.len() - 1;
        &mut self.sections[last]
    }

    /// Sets the line at the end: which command made the page, say.
    pub fn footer(&mut self, text: impl Into<String>) -> &mut Self {
        self.footer = Some(text.into());
        self
    }

    fn is_explored(&self) -> bool {
        let explored = |block: &Block| matches!(block, Block::Figure(Figure { explored: Some(_), .. }));
        self.sections.iter().flat_map(|section| &section.blocks).any(explored)
    }

    /// The page as one HTML document.
    pub fn to_html(&self) -> String {
        let anchors = anchors(&self.sections);
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (inline::plain(&self.title)) }
                    style { (PreEscaped(STYLE)) (PreEscaped(DARK)) }
                }
                body {
                    header {
                        h1 { (inline(&self.title)) }
                        @for text in &self.lead { p.lead { (inline(text)) } }
                        @if let Some(answer) = &self.answer { (answer.to_html()) }
                        @if self.sections.len() > SECTIONS_WITHOUT_LIST { (contents(&self.sections, &anchors)) }
                    }
                    main {
                        @for (section, anchor) in self.sections.iter().zip(&anchors) {
                            section id=(anchor) {
                                h2 { (inline(&section.heading)) }
                                @for block in &section.blocks { (block.to_html()) }
                            }
                        }
                    }
                    @if let Some(footer) = &self.footer { footer { p { (inline(footer)) } } }
                    script { (PreEscaped(SCRIPT)) @if self.is_explored() { (PreEscaped(EXPLORE)) } }
                }
            }
        };
        page.into_string() + "\n"
    }
}

impl Answer {
    fn to_html(&self) -> Markup {
        html! {
            p.answer { (inline(&self.sentence)) }
            @if !self.numbers.is_empty() {
                dl.numbers {
                    @for number in &self.numbers {
                        div {
                            dt { (inline(&number.of)) }
                            dd {
                                (inline(&number.value))
                                @if !number.beside.is_empty() { " " small { (inline(&number.beside)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

impl Section {
    /// Adds a paragraph.
    pub fn prose(&mut self, text: impl Into<String>) -> &mut Self {
        self.push(Block::Prose(text.into()))
    }

    /// Adds a list of short texts.
    pub fn list<T: Into<String>>(&mut self, items: impl IntoIterator<Item = T>) -> &mut Self {
        self.push(Block::List(items.into_iter().map(Into::into).collect()))
    }

    /// Adds names and values, such as a run's manifest.
    pub fn facts<K: Into<String>, V: Into<String>>(
        &mut self,
        facts: impl IntoIterator<Item = (K, V)>,
    ) -> &mut Self {
        self.push(Block::Facts(facts.into_iter().map(|(k, v)| (k.into(), v.into())).collect()))
    }

    /// Adds a table.
    pub fn table(&mut self, table: TableView) -> &mut Self {
        self.push(Block::Table(table))
    }

    /// Adds a figure.
    pub fn figure(&mut self, figure: Figure) -> &mut Self {
        self.push(Block::Figure(figure))
    }

    fn push(&mut self, block: Block) -> &mut Self {
        self.blocks.push(block);
        self
    }
}

impl Block {
    fn to_html(&self) -> Markup {
        match self {
            Block::Prose(text) => html! { p { (inline(text)) } },
            Block::List(items) => html! { ul { @for item in items { li { (inline(item)) } } } },
            Block::Facts(facts) => html! {
                dl { @for (name, value) in facts { div { dt { (inline(name)) } dd { (inline(value)) } } } }
            },
            Block::Table(view) => match &view.folded {
                Some(words) => html! { details { summary { (inline(words)) } (table(view)) } },
                None => table(view),
            },
            Block::Figure(figure) => html! {
                figure {
                    div.chart { (PreEscaped(figure.svg.without_style())) }
                    figcaption { (inline(&figure.caption)) (data_links(&figure.data)) }
                    @match &figure.explored {
                        Some(Explored::Points(explorer)) => (explorer::embedded("points", explorer)),
                        Some(Explored::Cells(cells)) => (explorer::embedded("cells", cells)),
                        None => {},
                    }
                }
            },
        }
    }
}

/// Numbers stand to the right, their points below each other; a wide table scrolls by itself.
fn table(view: &TableView) -> Markup {
    let columns: Vec<(bool, Vec<String>)> = view
        .table
        .columns()
        .map(|(_, column)| match column {
            Column::Text(_) => (false, column_texts(column, "\u{2013}")),
            _ => (true, grouped_alike(&column_texts(column, "\u{2013}"))),
        })
        .collect();
    let class = |numeric: bool| numeric.then_some("n");
    html! {
        figure.data tabindex="0" {
            table {
                @if view.caption.is_some() || !view.data.is_empty() {
                    caption { @if let Some(text) = &view.caption { (inline(text)) } (data_links(&view.data)) }
                }
                thead { tr {
                    @for (name, (numeric, _)) in view.table.names().iter().zip(&columns) {
                        th scope="col" class=[class(*numeric)] { (inline(name)) }
                    }
                } }
                tbody {
                    @for row in 0..view.table.rows() {
                        tr class=[view.highlighted.contains(&row).then_some("pick")] {
                            @for (numeric, texts) in &columns {
                                td class=[class(*numeric)] {
                                    @if *numeric { (texts[row]) } @else { (inline(&texts[row])) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn data_links(paths: &[String]) -> Markup {
    html! {
        @if !paths.is_empty() {
            span.files {
                " Data: "
                @for (i, path) in paths.iter().enumerate() {
                    @if i > 0 { ", " }
                    @if inline::is_safe_link(path) { a href=(path) { (path) } } @else { (path) }
                }
            }
        }
    }
}

fn contents(sections: &[Section], anchors: &[String]) -> Markup {
    html! {
        nav aria-label="Contents" { ul {
            @for (section, anchor) in sections.iter().zip(anchors) {
                li { a href={ "#" (anchor) } { (inline::plain(&section.heading)) } }
            }
        } }
    }
}

/// An id for each section from its heading; a second section of the same name gets a number.
fn anchors(sections: &[Section]) -> Vec<String> {
    let mut anchors: Vec<String> = Vec::new();
    for section in sections {
        let words: Vec<String> = inline::plain(&section.heading)
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect();
        let base = if words.is_empty() { "section".to_owned() } else { words.join("-") };
        let numbered = (2..).map(|i| format!("{base}-{i}"));
        let free = std::iter::once(base.clone()).chain(numbered).find(|name| !anchors.contains(name));
        anchors.push(free.unwrap_or(base));
    }
    anchors
}
