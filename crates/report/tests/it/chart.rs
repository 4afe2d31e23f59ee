//! Charts are the same bytes each time, refuse numbers they cannot show, and survive odd data.

use report::Error;
use report::chart::{
    Axis, Band, BarSeries, Bars, Class, Front, Heat, Join, Lattice, Lines, Mark, Marker, Point, Scatter,
    Series, Size, Svg,
};

fn point(x: f64, y: f64, color: f64) -> Point {
    Point { x, y, color: Some(color) }
}

fn scatter() -> Scatter {
    let mut chart = Scatter::new("A & B", Axis::linear("cost [USD]"), Axis::log("TTFT [s]"));
    chart.color = Some(Axis::linear("tokens/s"));
    chart.points = vec![point(10.0, 2.0, 900.0), point(12.0, 0.5, 1200.0), point(14.0, 1.0, 1000.0)];
    let both = vec![0, 1];
    chart.front = Some(Front { name: "front".into(), ringed: both.clone(), joined: both, join: Join::Step });
    chart.marks = vec![Mark { x: 13.0, y: 1.5, label: "fixed <1024 GB>".into(), marker: Marker::Star }];
    chart
}

fn lines() -> Lines {
    let mut chart = Lines::new("Lines", Axis::log("GiB"), Axis::linear("hit rate").including(0.0));
    chart.series = vec![Series::new("a", vec![(1.0, 0.1), (10.0, 0.2)]), Series::new("b", vec![(1.0, 0.3)])];
    chart.series[0].band = Some(Band { ends: vec![(0.0, 0.2), (0.1, 0.3)] });
    chart
}

fn bars() -> Bars {
    let mut chart = Bars::new("Bars", "trace", Axis::linear("s"));
    chart.groups = vec!["x".into(), "y".into()];
    chart.series = vec![BarSeries { name: "a".into(), values: vec![Some(1.0), None] }];
    chart
}

fn heat() -> Heat {
    let mut chart = Heat::new("Heat", "GiB", "s", Axis::linear("TTFT [s]"));
    chart.columns = vec!["0".into(), "512".into()];
    chart.rows = vec!["600".into()];
    chart.values = vec![Some(2.0), None];
    chart.marked = vec![(0, 0)];
    chart
}

fn lattice() -> Lattice {
    let mut chart = Lattice::new("Lattice", "GiB", "s");
    chart.columns = vec!["0".into(), "512".into()];
    chart.rows = vec!["600".into(), "1200".into()];
    chart.classes =
        ["E evaluated", "o off", "- flat"].map(|class| Class::new(&class[..1], &class[2..])).to_vec();
    chart.cells = vec![Some(0), Some(2), None, Some(0)];
    chart
}

/// The texts of a drawing in the order in which they are drawn, each with its place.
fn texts(svg: &Svg) -> String {
    let attribute = |tag: &str, name: &str| {
        let from = tag.find(&format!(" {name}=\"")).expect("the attribute") + name.len() + 3;
        tag[from..].split('"').next().unwrap_or("").to_owned()
    };
    let text = |after: &str| {
        let (tag, rest) = after.split_once('>')?;
        let words = rest.split_once('<')?.0.trim();
        Some(format!("{:>5} {:>5}  {words}\n", attribute(tag, "x"), attribute(tag, "y")))
    };
    svg.as_str().split("<text").skip(1).filter_map(text).collect()
}

#[test]
fn a_small_chart_in_full() {
    let mut chart = Lines::new("One line", Axis::linear("t [s]"), Axis::linear("GiB"));
    chart.series = vec![Series::new("held", vec![(0.0, 0.0), (1.0, 2.0)])];
    chart.series[0].join = Join::Step;
    chart.size = Size { width: 320, height: 240 };
    insta::assert_snapshot!("small_lines", chart.to_svg().expect("finite").as_str());
}

#[test]
fn a_scatter_says_everything_in_words_too() {
    let svg = scatter().to_svg().expect("finite");
    assert!(svg.as_str().contains("role=\"img\" aria-label=\"A &amp; B\""), "{svg}");
    insta::assert_snapshot!("scatter_texts", texts(&svg));
}

#[test]
fn a_lattice_says_each_class_in_letters_too() {
    insta::assert_snapshot!("lattice_texts", texts(&lattice().to_svg().expect("a lattice")));
}

#[test]
fn two_renders_are_the_same_bytes() {
    let draw = || {
        let lattice = lattice().to_svg();
        [scatter().to_svg(), lines().to_svg(), bars().to_svg(), heat().to_svg(), lattice]
            .map(|s| s.expect("finite"))
    };
    assert_eq!(draw(), draw());
}

#[test]
fn charts_without_data_say_so() {
    let axis = || Axis::linear("x");
    let empty = [
        Scatter::new("t", axis(), Axis::log("y")).to_svg(),
        Lines::new("t", axis(), axis()).to_svg(),
        Bars::new("t", "x", axis()).to_svg(),
        Heat::new("t", "x", "y", axis()).to_svg(),
        Lattice::new("t", "x", "y").to_svg(),
    ];
    for svg in empty {
        assert!(svg.expect("an empty chart").as_str().contains("no data"));
    }
}

#[test]
fn numbers_that_cannot_be_shown_are_named() {
    let said = |svg: Result<Svg, Error>| svg.expect_err("a mistake").to_string();
    let mut chart = scatter();
    chart.points[1].y = f64::NAN;
    insta::assert_snapshot!(said(chart.to_svg()), @"chart `A & B`, y of `evaluated`, index 1: NaN is not a finite number");
    chart.points[1].y = 0.0;
    insta::assert_snapshot!(said(chart.to_svg()), @"chart `A & B`, y of `evaluated`, index 1: 0 has no place on the logarithmic axis `TTFT [s]`");
    let mut chart = scatter();
    chart.points[2].color = Some(f64::INFINITY);
    insta::assert_snapshot!(said(chart.to_svg()), @"chart `A & B`, colour of `evaluated`, index 2: inf is not a finite number");
    let mut chart = scatter();
    chart.points.truncate(1);
    insta::assert_snapshot!(said(chart.to_svg()), @"chart `A & B`, front: there is no point 1; there are 1");
    let mut chart = lines();
    chart.series[0].band = Some(Band { ends: vec![] });
    insta::assert_snapshot!(said(chart.to_svg()), @"chart `Lines`, band of `a`: 0 values for 2 places");
    let mut chart = lines();
    chart.series[1].points = vec![(1.0, f64::MAX), (2.0, -f64::MAX)];
    assert!(matches!(chart.to_svg(), Err(Error::TooWide { .. })));
    let mut chart = bars();
    chart.series[0].values = vec![None, Some(f64::NEG_INFINITY)];
    insta::assert_snapshot!(said(chart.to_svg()), @"chart `Bars`, `a`, index 1: -inf is not a finite number");
    let mut chart = lattice();
    chart.cells[0] = Some(3);
    insta::assert_snapshot!(said(chart.to_svg()), @"chart `Lattice`, classes: there is no point 3; there are 3");
    chart.cells.pop();
    insta::assert_snapshot!(said(chart.to_svg()), @"chart `Lattice`, cells: 3 values for 4 places");
    let mut chart = heat();
    chart.marked = vec![(1, 1)];
    insta::assert_snapshot!(said(chart.to_svg()), @"chart `Heat`, marked: there is no point 3; there are 2");
    let mut chart = heat();
    chart.size = Size { width: 10, height: 10 };
    insta::assert_snapshot!(said(chart.to_svg()), @"chart `Heat`: 10 x 10 px; a chart is 320 x 240 to 4000 x 4000 px");
}

/// Every number of a drawing must lie on the sheet: a place that is not finite would be drawn at a corner.
#[test]
fn odd_ranges_stay_on_the_sheet() {
    let pairs: [(f64, f64); 8] = [
        (5.0, 5.0),
        (0.0, 0.0),
        (-3.0, -3.0),
        (1e-300, 2e-300),
        (1e15, 1e15 + 1.0),
        (-1e300, 1e300),
        (0.1, 0.1 + 1e-15),
        (f64::MIN_POSITIVE, 1e307),
    ];
    for (a, b) in pairs {
        for positive in [Axis::linear, Axis::log] {
            let mut chart = Lines::new("odd", positive("x"), Axis::linear("y"));
            chart.series = vec![Series::new("s", vec![(a, a), (b, b)])];
            match chart.to_svg() {
                Ok(svg) => check_places(svg.as_str(), (a, b)),
                Err(Error::NotPositive { .. }) => assert!(a <= 0.0),
                Err(Error::TooWide { .. }) => assert!(b - a > 1e300 || (b - a) < 1e-12 * b.abs(), "{a} {b}"),
                Err(other) => panic!("{a} {b}: {other}"),
            }
        }
    }
}

fn check_places(svg: &str, pair: (f64, f64)) {
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{pair:?}");
    let circles = svg.split("<circle").skip(1);
    for circle in circles {
        let place = circle.split('"').nth(1).and_then(|x| x.parse::<i32>().ok()).expect("cx");
        assert!((0..=7200).contains(&place), "{pair:?}: cx {place}");
    }
}

#[test]
fn long_words_and_many_series_stay_on_the_sheet() {
    let mut chart = bars();
    chart.title =
        "A title that is far too long for the sheet and therefore has to go on a second line ".repeat(2);
    chart.groups = (0..60).map(|i| format!("a-group-with-a-long-name-{i}")).collect();
    chart.series = (0..20)
        .map(|s| BarSeries { name: format!("series with a name {s}"), values: vec![Some(f64::from(s)); 60] })
        .collect();
    let svg = chart.to_svg().expect("finite");
    for line in texts(&svg).lines() {
        let place: i32 = line[..5].trim().parse().expect("x");
        assert!((0..=7200).contains(&place), "{line}");
    }
}
