// Sorts a table by a column. Without this script the table stands in its own order.
for (const table of document.querySelectorAll("figure.data table")) {
  const body = table.tBodies[0];
  if (body.rows.length < 3) continue;
  const given = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.append(...head.childNodes);
    button.title = "Sort by this column";
    head.append(button);
    const text = (row) => row.cells[column].textContent.trim();
    // Digits are grouped with spaces or commas, and a dash is a missing value.
    const number = (row) => Number.parseFloat(text(row).replace(/[\s,\u2009\u202f]/g, "").replace("\u2212", "-"));
    const numeric = head.classList.contains("n");
    const compare = numeric
      ? (a, b) => number(a) - number(b)
      : (a, b) => text(a).localeCompare(text(b), "en", { numeric: true });
    const missing = (row) => (numeric ? Number.isNaN(number(row)) : text(row) === "\u2013");
    button.addEventListener("click", () => {
      // The first click sorts up, the second down, the third gives the table's own order back.
      const before = head.getAttribute("aria-sort");
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      if (before === "descending") return body.append(...given);
      const order = before === "ascending" ? "descending" : "ascending";
      head.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      const present = given.filter((row) => !missing(row)).sort((a, b) => sign * compare(a, b));
      body.append(...present, ...given.filter(missing));
    });
  });
}
