//! The pages in a browser: no error, nothing wider than the screen, tables that sort.

use std::path::Path;
use std::process::{Command, Stdio};

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
addEventListener("load", () => {
  const screen = document.documentElement.clientWidth;
  const outside = (it) => !it.closest("figure.data, svg") && it.getBoundingClientRect().right > screen + 1;
  const wide = [...document.querySelectorAll("body *")].filter(outside).map((it) => `${it.tagName} ${it.textContent.slice(0, 40)}`);
  const scrolls = document.documentElement.scrollWidth > screen ? ["the page scrolls sideways"] : [];
  const circles = document.querySelectorAll("svg circle").length;
  parent.postMessage({ name: document.title, screen, wide: [...wide, ...scrolls], sorts: sorts(), circles, errors }, "*");
});
</script>"#;

/// Shows pages at all widths and returns what each said of itself.
fn asked(browser: &Path, bench: &Bench, pages: &[&str]) -> Vec<Value> {
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

/// A bench with a record of a search whose page has every section, of cases, and of regimes.
fn reported() -> Bench {
    let bench = Bench::new();
    bench.write("front.toml", format!("{EXPERIMENT}\n[uncertainty]\nresamples = 39\n"));
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
    bench.stdout(&["run", "front.toml", "cases.toml", "regimes.toml", "-o", "out"]);
    bench.stdout(&["report", "out"]);
    bench
}

#[test]
fn pages_are_right_in_a_browser() {
    let Some(browser) = test_data::program(&["chromium", "chromium-browser", "google-chrome"]) else {
        return;
    };
    let bench = reported();
    let pages = ["out/index.html", "out/front/index.html", "out/cases/index.html", "out/regimes/index.html"];
    let answers = asked(&browser, &bench, &pages);
    for answer in &answers {
        assert_eq!(answer["errors"], Value::Array(Vec::new()), "{answer}");
        assert_eq!(answer["wide"], Value::Array(Vec::new()), "{answer}");
    }
    let all = |name: &str, holds: &dyn Fn(&Value) -> bool| {
        answers.iter().filter(|it| it["name"] == name).all(holds)
    };
    let sorts = |it: &Value| it["sorts"] == "yes";
    assert!(all("front", &sorts) && all("regimes", &sorts), "{answers:?}");
    // Four points, each with its rim, and a ring for each on the front. The legend has three circles.
    let ringed = bench.read("out/front/front.csv").lines().count() - 1;
    assert!(all("front", &|it| it["circles"] == 2 * 4 + ringed + 3), "{answers:?}");
}
