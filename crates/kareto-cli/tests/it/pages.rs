//! The pages in a browser, light and dark: no error, nothing wider than the screen, tables that sort, and a front that
//! answers the mouse, the keyboard, filters and prices. The fronts at other prices are those that the library computes.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use experiment::Loaded;
use kareto::Point;
use kareto::front::Front;
use serde_json::Value;

use crate::program::{Bench, EXPERIMENT};

/// Widths of a phone, a tablet, a laptop and a large screen \[px\].
const WIDTHS: [u32; 4] = [390, 768, 1280, 1920];

/// What every page is asked, before its own script runs and when all is drawn.
const PROBE: &str = r#"<script>
const errors = [];
addEventListener("error", (event) => errors.push(event.message));
console.error = (...said) => errors.push(said.join(" "));
function sorts() {
  const head = [...document.querySelectorAll("th.n button")].find((it) => it.closest("table").tBodies[0].rows.length > 2);
  if (!head) return "no table of numbers";
  const column = head.parentElement.cellIndex;
  const body = head.closest("table").tBodies[0];
  const numbers = () => [...body.rows].map((row) => Number.parseFloat(row.cells[column].textContent.replace(/[\s,]/g, "")));
  const before = numbers().join();
  head.click();
  const up = numbers();
  head.click();
  const down = numbers();
  head.click();
  const rises = up.every((it, at) => at === 0 || !(up[at - 1] > it));
  const falls = down.every((it, at) => at === 0 || !(down[at - 1] < it));
  return rises && falls && numbers().join() === before ? "yes" : `${before}: up ${up}, down ${down}, then ${numbers()}`;
}
// Every way in which the front of a search answers.
function explores() {
  const figure = document.querySelector("script.points")?.parentElement;
  if (!figure) return null;
  const chart = figure.querySelector(".chart");
  const press = (key) => chart.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  const set = (input, value) => { input.value = value; input.dispatchEvent(new Event("input")); };
  const said = { front: figure.dataset.front, drawn: figure.querySelectorAll("g.points circle[fill=none]").length };
  const table = () => [...figure.querySelectorAll(".compared tr")].map((row) => [...row.cells].map((cell) => cell.textContent));
  press("ArrowRight");
  said.tip = figure.querySelector(".tip").textContent;
  press("Enter");
  said.one = table();
  press("ArrowRight");
  press("Enter");
  said.two = table();
  press("Escape");
  said.none = table().length;
  const circle = figure.querySelector("g.points circle").getBoundingClientRect();
  const mouse = { clientX: circle.x + circle.width / 2, clientY: circle.y + circle.height / 2, bubbles: true };
  chart.dispatchEvent(new MouseEvent("mousemove", mouse));
  said.hovered = !figure.querySelector(".tip").hidden;
  chart.dispatchEvent(new MouseEvent("click", mouse));
  said.clicked = table().length;
  press("Home");
  press("Enter");
  const select = figure.querySelector("select[data-axis=disk_lease_s]");
  set(select, "0");
  said.filtered = figure.dataset.shown;
  said.moved = figure.querySelectorAll("g.moved circle:not([fill=none])").length / 2 + figure.querySelectorAll("g.moved polygon.beyond").length;
  set(select, "");
  const limit = figure.querySelector("input[data-limit='mean TTFT']");
  set(limit, "0");
  said.limited = figure.dataset.shown;
  set(limit, "");
  said.prices = [...figure.querySelectorAll("input[data-price]")].flatMap((input) => ["0", "6", "18", "24"].map((place) => {
    set(input, place);
    const factor = figure.querySelector(`input[data-price="${input.dataset.price}"] ~ output`).textContent.split(" ")[1];
    const front = figure.dataset.front;
    set(input, "12");
    return { price: input.dataset.price, factor, front };
  }));
  set(figure.querySelector("input[data-price]"), "20");
  said.again = [figure.dataset.front, figure.querySelector(".controls button").click() ?? figure.dataset.front];
  press("Home");
  press("Enter");
  press("End");
  press("Enter");
  return said;
}
addEventListener("load", () => {
  const most = Number(document.querySelector("g.points")?.dataset.most ?? Infinity);
  const points = JSON.parse(document.querySelector("script.points")?.textContent ?? "null");
  const beyond = points ? points.figures[0].values.filter((it) => it > most).length : 0;
  // A point beyond the axis is a triangle, and not two circles.
  const circles = document.querySelectorAll("svg circle").length + 2 * beyond;
  const explored = explores();
  const screen = document.documentElement.clientWidth;
  const outside = (it) => !it.closest("figure.data, svg, .compared") && it.getBoundingClientRect().right > screen + 1;
  const wide = [...document.querySelectorAll("body *")].filter(outside).map((it) => `${it.tagName} ${it.textContent.slice(0, 40)}`);
  const scrolls = document.documentElement.scrollWidth > screen ? ["the page scrolls sideways"] : [];
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const ground = getComputedStyle(document.querySelector("svg rect") ?? document.body).fill;
  parent.postMessage({ name: document.title, screen, wide: [...wide, ...scrolls], sorts: sorts(), circles, explored, dark, ground, errors }, "*");
});
</script>"#;

/// Shows pages at all widths and returns what each said of itself.
fn asked(browser: &Path, bench: &Bench, pages: &[&str], scheme: &str) -> Vec<Value> {
    let mut frames = String::new();
    for (number, page) in pages.iter().enumerate() {
        let probed = bench.read(page).replacen("<style>", &format!("{PROBE}<style>"), 1);
        bench.write(&format!("probed-{number}.html"), probed);
        for width in WIDTHS {
            frames += &format!(
                r#"<iframe src="probed-{number}.html" style="width:{width}px;height:900px;border:0"></iframe>"#
            );
        }
    }
    // The browser prints the document: the answers stand in it as character codes, which no escape can change.
    let collector = r#"<pre id="out"></pre><script>
const said = [];
addEventListener("message", (event) => {
  said.push(event.data);
  document.getElementById("out").textContent = [...JSON.stringify(said)].map((it) => it.codePointAt(0)).join(" ");
});
</script>"#;
    bench.write("all.html", format!("<!DOCTYPE html><meta charset=utf-8>{collector}{frames}"));
    let profile = bench.path("profile");
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--window-size=2000,1000",
            "--virtual-time-budget=60000",
        ])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("--blink-settings=preferredColorScheme={scheme}"))
        .args(["--dump-dom", &format!("file://{}", bench.path("all.html").display())])
        .stderr(Stdio::null())
        .output()
        .expect("the browser runs");
    let document = String::from_utf8(output.stdout).expect("text");
    let codes = document
        .split("<pre id=\"out\">")
        .nth(1)
        .and_then(|it| it.split("</pre>").next())
        .unwrap_or_default();
    let code = |code: &str| char::from_u32(code.parse().expect("a number")).expect("a character");
    let text: String = codes.split_whitespace().map(code).collect();
    let answers: Vec<Value> =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {document}"));
    assert_eq!(answers.len(), pages.len() * WIDTHS.len(), "every page answers at every width");
    answers
}

/// A search of twenty points, on `trace.jsonl`. HBM is so small that DRAM and disk matter: the front has several points, and
/// others at other prices.
fn search() -> String {
    let (few, prices) = ("dram_gib = [0, 1024]\ndisk_lease_s = [0, 30]\n", "prices = \"alibaba-cny\"\n");
    assert!(EXPERIMENT.contains(few) && EXPERIMENT.contains(prices));
    EXPERIMENT.replacen(few, "dram_gib = [0, 2, 4, 16, 1024]\ndisk_lease_s = [0, 1, 5, 30]\n", 1).replacen(
        prices,
        "prices = \"alibaba-cny\"\nhbm_utilisation = 0.25\n",
        1,
    )
}

/// A bench with a record of a search whose page has every section, of one over scenarios, of cases, and of regimes.
fn reported() -> Bench {
    let bench = Bench::new();
    let analysis = "analysis = \"Of {count.all} points, the knee costs {knee.cost|5} and {change.baseline>knee.cost|+.1} %.\"";
    let front = search().replacen("analysis = \"It does.\"", analysis, 1);
    bench.write("front.toml", format!("{front}\n[uncertainty]\nresamples = 39\n"));
    let scenarios = "[search]\nname = \"full-grid\"\nfront = \"worst\"\n[[scenario]]\nname = \"weekday\"\nweight = 5\n\
         [[scenario]]\nname = \"sunday\"\nweight = 2\nsurge = { factor = 2.0 }\n";
    bench.write("robust.toml", search() + scenarios);
    let skipping = "[search]\nname = \"kareto\"\n";
    bench.write("skipping.toml", search() + skipping);
    let system = EXPERIMENT.split("[axes]").next().expect("a system").replacen(
        "[trace]\nfile = \"trace.jsonl\"\n",
        "",
        1,
    );
    let of_cases = |more: &str| {
        format!(
            "{system}[cases]\ncompare = \"dram_gib\"\n{more}[cases.trace]\na = {{ file = \"trace.jsonl\" }}\n[axes]\ndram_gib = [0, 64, 1024]\n"
        )
    };
    bench.write("cases.toml", of_cases("along = \"disk_lease_s\"\n") + "disk_lease_s = [0, 30]\n");
    let regimes = "along = \"rate\"\nbest_over = [\"disk_lease_s\"]\nrates = [0.5, 4]\n";
    let claim = "[baseline]\ndisk_lease_s = 0\n[[claim]]\nid = \"cost\"\nsays = \"cost falls\"\npaper = 5.0\nunit = \"%\"\naccept = [1.0, 9.0]\nmetric = { best-improvement = \"cost\" }\n";
    bench.write("regimes.toml", of_cases(regimes) + "disk_lease_s = [0, 30]\n" + claim);
    let files = ["front.toml", "robust.toml", "skipping.toml", "cases.toml", "regimes.toml"];
    bench.stdout(&[&["run"], &files[..], &["-o", "out"]].concat());
    bench.stdout(&["report", "out"]);
    bench
}

/// The places of the front's points among those that were searched, at another price.
fn front_at(loaded: &Loaded, part: &str, factor: f64) -> BTreeSet<usize> {
    let Loaded::Search(search) = loaded else { panic!("a search") };
    let front = Front::of(&search.found.at_price(part, factor));
    let place = |point: &Point| search.found.searched.iter().position(|(known, _)| known == point);
    front.points().iter().map(|(point, _)| place(point).expect("a searched point")).collect()
}

fn places(front: &Value) -> BTreeSet<usize> {
    let text = front.as_str().expect("places");
    text.split_whitespace().map(|place| place.parse().expect("a place")).collect()
}

/// What a reader did with the front of a search, against the record of it.
fn check_explored(answer: &Value, loaded: &Loaded) {
    let said = &answer["explored"];
    let Loaded::Search(search) = loaded else { panic!("a search") };
    let searched = search.found.searched.len();
    assert_eq!(places(&said["front"]), front_at(loaded, "gpu", 1.0), "{said}");
    let fronts: BTreeSet<&str> =
        said["prices"].as_array().expect("prices").iter().filter_map(|it| it["front"].as_str()).collect();
    assert!(fronts.len() > 1, "prices move the front: {said}");
    assert_eq!(said["drawn"], places(&said["front"]).len(), "as many are ringed in the drawing: {said}");
    assert!(said["tip"].as_str().is_some_and(|it| it.contains("mean TTFT") && it.contains("cost")), "{said}");
    let width = |name: &str| said[name][0].as_array().map_or(0, Vec::len);
    assert_eq!((width("one"), width("two")), (2, 5), "one has figures, two are compared: {said}");
    assert_eq!((&said["none"], &said["hovered"]), (&Value::from(0), &Value::Bool(true)), "{said}");
    assert!(said["clicked"].as_u64().is_some_and(|it| it > 5), "{said}");
    let lease =
        search.found.space.axes().iter().position(|axis| axis.name == "disk_lease_s").expect("an axis");
    let without = search.found.searched.iter().filter(|(point, _)| point.0[lease] == 0).count();
    assert_eq!(said["filtered"], without.to_string(), "{said}");
    assert_eq!(said["moved"], without, "{said}");
    assert_eq!(
        (&said["limited"], &said["again"][1]),
        (&Value::from("0"), &said["front"]),
        "of {searched}: {said}"
    );
    for price in said["prices"].as_array().expect("prices") {
        let part =
            if price["price"] == "the GPU hour" { "gpu" } else { price["price"].as_str().expect("a name") };
        let factor = price["factor"].as_str().expect("a factor").parse().expect("a number");
        assert_eq!(places(&price["front"]), front_at(loaded, part, factor), "{price}");
    }
}

#[test]
fn pages_are_right_in_a_browser() {
    let Some(browser) = test_data::program(&["chromium", "chromium-browser", "google-chrome"]) else {
        return;
    };
    let bench = reported();
    let names = ["front", "robust", "skipping", "cases", "regimes"];
    let mut pages = vec!["out/index.html".to_owned()];
    pages.extend(names.map(|name| format!("out/{name}/index.html")));
    let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
    for (scheme, ground) in [("1", "rgb(255, 255, 255)"), ("0", "rgb(27, 31, 36)")] {
        let answers = asked(&browser, &bench, &pages, scheme);
        for answer in &answers {
            assert_eq!(answer["errors"], Value::Array(Vec::new()), "{answer}");
            assert_eq!(answer["wide"], Value::Array(Vec::new()), "{answer}");
            assert_eq!(answer["dark"], scheme == "0", "{answer}");
        }
        let of = |name: &'static str| answers.iter().filter(move |it| it["name"] == name);
        assert!(of("front").chain(of("regimes")).all(|it| it["sorts"] == "yes"), "{answers:?}");
        assert!(of("front").chain(of("cases")).all(|it| it["ground"] == ground), "{answers:?}");
        // Twenty points, each with its rim, and a ring for each on the front. The legend has three circles.
        let ringed = bench.read("out/front/front.csv").lines().count() - 1;
        assert!(of("front").all(|it| it["circles"] == 2 * 20 + ringed + 3), "{answers:?}");
        for name in ["front", "robust", "skipping"] {
            let loaded = Loaded::read(&bench.path(&format!("out/{name}"))).expect("a record").expect("one");
            of(name).for_each(|answer| check_explored(answer, &loaded));
        }
    }
    prints(&browser, &bench, "out/front/index.html");
    let page = bench.read("out/front/index.html");
    assert!(
        page.contains("Of 20 points, the knee costs ") && !page.contains("{knee"),
        "figures stand in the prose"
    );
}

/// A page becomes a document of A4 sheets.
fn prints(browser: &Path, bench: &Bench, page: &str) {
    let printed = bench.path("printed.pdf");
    let ended = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"])
        .arg(format!("--user-data-dir={}", bench.path("profile").display()))
        .arg(format!("--print-to-pdf={}", printed.display()))
        .arg(format!("file://{}", bench.path(page).display()))
        .stderr(Stdio::null())
        .status()
        .expect("the browser runs");
    assert!(ended.success());
    let pdf = std::fs::read(printed).expect("a PDF");
    let text = String::from_utf8_lossy(&pdf);
    // A4 in points, rounded by the browser.
    assert!(text.starts_with("%PDF") && text.contains("/MediaBox [0 0 594.9"), "the first sheet is no A4");
}
