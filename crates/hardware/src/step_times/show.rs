//! The report as tables, text and a page.

use report::html::{Page, TableView};
use report::{Cell, Kind, Table};

use super::{Report, StepTime, Summary};
use crate::Error;

/// Said first wherever the stub measured.
const STUB: &str = "The GPU is a stub of CUDA's driver: its figures say nothing of any machine.";

impl Report {
    /// The report for a terminal.
    ///
    /// # Errors
    /// A figure is no number.
    pub fn text(&self) -> Result<String, Error> {
        let rows: Vec<Vec<String>> =
            self.facts().into_iter().map(|(name, value)| vec![name, value]).collect();
        let mut text = report::aligned(&rows, |_| false);
        if self.is_of_stub() {
            text += &format!("\n{STUB}\n");
        }
        text += &format!("\nstep times {}\n", self.state);
        if !self.steps.is_empty() {
            text += &format!("\n{}", self.steps_table()?.to_text());
            text += &format!("\n{}", self.summaries_table()?.to_text());
            text += &format!("\nNot measured: {}.\n", self.missing.join("; "));
        }
        if !self.left_out.is_empty() {
            text += &format!("No room on this GPU for: {}.\n", self.left_out.join("; "));
        }
        Ok(text)
    }

    /// The page.
    ///
    /// # Errors
    /// A figure is no number.
    pub fn page(&self) -> Result<String, Error> {
        let mut page = Page::new(format!("Step times of {} measured on this machine", self.model));
        if self.is_of_stub() {
            page.lead(format!("**{STUB}**"));
        }
        page.lead(format!("Step times {}.", self.state));
        page.section("The machine and the profile").facts(self.facts());
        if !self.steps.is_empty() {
            page.section("Errors by type of step").table(TableView::new(self.summaries_table()?));
            page.section("Steps").table(TableView::new(self.steps_table()?).data("steps.csv"));
            page.section("Operations of one layer").table(
                TableView::new(self.operations_table()?).folded("All operations").data("operations.csv"),
            );
        }
        page.section("How it was measured").list(self.notes.clone());
        page.section("What is not measured").list(self.missing.clone());
        if !self.left_out.is_empty() {
            page.section("Steps that this GPU has no room for").list(self.left_out.clone());
        }
        page.footer(format!("kareto {} validate step-times, {}", self.program, self.date));
        Ok(page.to_html())
    }

    fn facts(&self) -> Vec<(String, String)> {
        let mut facts = vec![
            ("date".to_owned(), self.date.clone()),
            ("model".to_owned(), self.model_on_gpus()),
            ("profile".to_owned(), format!("{}: {}", self.profile, self.profile_source)),
            ("its GPU".to_owned(), self.profile_gpu.clone()),
        ];
        if let Some(gpu) = &self.gpu {
            let [device, driver] = gpu.told();
            facts.extend([("this GPU".to_owned(), device), ("driver".to_owned(), driver)]);
        }
        if let Some(library) = &self.library {
            facts.push(("library".to_owned(), library.clone()));
        }
        facts.push(("kernel".to_owned(), self.machine.kernel.clone()));
        facts
    }

    /// The model, and which part of it the GPU has.
    fn model_on_gpus(&self) -> String {
        match self.gpus {
            1 => format!("{} on 1 GPU", self.model),
            gpus => format!("{}, the part of one of {gpus} GPUs", self.model),
        }
    }

    /// The steps: times in ms, errors in percent.
    ///
    /// # Errors
    /// A figure is no number.
    pub fn steps_table(&self) -> Result<Table, Error> {
        let mut table = Table::new(&[
            ("type", Kind::Text),
            ("step", Kind::Text),
            ("dense_ms", Kind::F64),
            ("attention_ms", Kind::F64),
            ("measured_ms", Kind::F64),
            ("profile_ms", Kind::F64),
            ("host_ms", Kind::F64),
            ("error_percent", Kind::F64),
            ("noisy", Kind::Text),
        ])?;
        for it in &self.steps {
            let StepTime { step, dense_ms, attention_ms, measured_ms, profile_ms, .. } = it;
            table.push_row([
                Cell::Text(it.step_type.name().to_owned()),
                Cell::Text(step.title()),
                Cell::F64(*dense_ms),
                Cell::F64(*attention_ms),
                Cell::F64(*measured_ms),
                Cell::F64(*profile_ms),
                Cell::F64(it.profile_host_ms),
                Cell::F64(it.error_percent),
                noisy(it.noisy),
            ])?;
        }
        Ok(table)
    }

    fn summaries_table(&self) -> Result<Table, Error> {
        let mut table = Table::new(&[
            ("type", Kind::Text),
            ("steps", Kind::I64),
            ("median error [%]", Kind::F64),
            ("median of sizes [%]", Kind::F64),
            ("largest [%]", Kind::F64),
        ])?;
        for it in &self.summaries {
            let Summary { step_type, steps, .. } = *it;
            table.push_row([
                Cell::Text(step_type.map_or("all", |it| it.name()).to_owned()),
                Cell::I64(steps.into()),
                Cell::F64(it.median_error_percent),
                Cell::F64(it.median_size_percent),
                Cell::F64(it.largest_size_percent),
            ])?;
        }
        Ok(table)
    }

    /// The operations of one layer: times in us.
    ///
    /// # Errors
    /// A figure is no number.
    pub fn operations_table(&self) -> Result<Table, Error> {
        let mut table = Table::new(&[
            ("operation", Kind::Text),
            ("size", Kind::Text),
            ("calls", Kind::I64),
            ("us", Kind::F64),
            ("tflop_per_s", Kind::F64),
            ("read_gb_per_s", Kind::F64),
            ("noisy", Kind::Text),
        ])?;
        for (size, it) in self.sizes.iter().zip(&self.operations) {
            table.push_row([
                Cell::Text(it.operation.name().to_owned()),
                Cell::Text(size.clone()),
                Cell::I64(it.products.into()),
                Cell::F64(it.seconds * 1e6),
                Cell::F64(it.flop_per_s / 1e12),
                Cell::F64(it.read_bytes_per_s / 1e9),
                noisy(it.noisy),
            ])?;
        }
        Ok(table)
    }
}

fn noisy(noisy: bool) -> Cell {
    Cell::Text(if noisy { "noisy" } else { "" }.to_owned())
}
