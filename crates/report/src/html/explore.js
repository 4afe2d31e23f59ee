// Lets a reader explore the points of a chart: hover or arrow keys show one, click or Enter pins it, two pins are compared,
// filters and limits hide points, and prices move costs and the front. Without this script the drawn chart stands.
(() => {
  const holder = document.querySelector("script.points");
  if (!holder) return;
  const data = JSON.parse(holder.textContent);
  const figure = holder.parentElement;
  const chart = figure.querySelector(".chart");
  const svg = chart.querySelector("svg");
  const drawn = svg.querySelector("g.points");
  const drawnTicks = svg.querySelector("g.x-ticks");
  const [left, top, right, bottom] = drawn.dataset.area.split(" ").map(Number);
  const spanOf = (text) => {
    const [scale, low, high] = text.split(" ");
    const on = scale === "log" ? Math.log10 : (it) => it;
    const [from, to] = [on(Number(low)), on(Number(high))];
    return { low: Number(low), high: Number(high), share: (value) => (on(value) - from) / (to - from) };
  };
  const y = spanOf(drawn.dataset.y);
  const color = drawn.dataset.color && spanOf(drawn.dataset.color);
  const most = drawn.dataset.most ? Number(drawn.dataset.most) : Infinity;
  const drawnX = spanOf(drawn.dataset.x);
  const { figures, axes, bill, candidates } = data;
  const count = figures[0].values.length;
  const FACTORS = [0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4, 5, 6, 8, 10];
  const state = {
    factors: bill.prices.map(() => 1), filters: axes.map(() => ""), limits: figures.map(() => Infinity), pins: [], at: null,
  };
  let now = {};

  const number = (value) => {
    if (Number.isInteger(value)) return value.toLocaleString("en");
    return value.toLocaleString("en", { maximumSignificantDigits: Math.max(4, Math.trunc(Math.abs(value)).toString().length) });
  };
  const named = (it) => (it.unit ? `${it.name} [${it.unit}]` : it.name);
  const signed = (value) => (value > 0 ? "+" : "") + number(value);
  const element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const shape = (parent, name, attributes, text) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    parent.append(made);
    return made;
  };

  // The cost at the chosen prices, added up in the order of the record so that equal costs stay equal.
  const priced = (point) => {
    const under = bill.whole.map((whole, load) => {
      let cost = whole[point];
      bill.prices.forEach((price, place) => {
        if (state.factors[place] === 1) return;
        if (price.only && axes[price.only[0]].at[point] !== price.only[1]) return;
        cost += (state.factors[place] - 1) * price.amounts[load][point];
      });
      return cost;
    });
    if (bill.worst) return Math.max(...under);
    if (under.length === 1) return under[0];
    return under.reduce((sum, cost, load) => sum + cost * bill.weights[load], 0) / bill.weights.reduce((a, b) => a + b, 0);
  };
  const compute = () => {
    const unchanged = state.factors.every((it) => it === 1);
    const costs = Array.from({ length: count }, (_, point) => (unchanged ? bill.now[point] : priced(point)));
    const keeps = (point) =>
      axes.every((axis, place) => state.filters[place] === "" || axis.at[point] === Number(state.filters[place]))
      && figures.every((it, place) => it.values[point] <= state.limits[place]);
    const all = Array.from({ length: count }, (_, point) => point);
    const shown = all.filter((point) => point < candidates && keeps(point));
    const vectors = all.map((point) => data.objectives.map(([place, less]) => {
      const value = place === null ? costs[point] : figures[place].values[point];
      return less ? value : -value;
    }));
    const dominates = (a, b) => a.every((it, place) => it <= b[place]) && a.some((it, place) => it < b[place]);
    const front = shown.filter((point) => !shown.some((other) => dominates(vectors[other], vectors[point])));
    const order = (a, b) => costs[a] - costs[b] || figures[0].values[a] - figures[0].values[b];
    front.sort(order);
    shown.sort(order);
    const beside = all.filter((point) => point >= candidates && keeps(point));
    now = { costs, shown, front, beside, unchanged, pristine: unchanged && shown.length === candidates };
  };

  // The drawing: the drawn layers where nothing is changed, or else layers of the same looks.
  const tickLayer = svg.insertBefore(document.createElementNS("http://www.w3.org/2000/svg", "g"), drawn);
  const layer = svg.insertBefore(document.createElementNS("http://www.w3.org/2000/svg", "g"), drawn.nextSibling);
  const over = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "g"));
  layer.classList.add("moved");
  let x = drawnX;
  const placeOf = (point) => [
    left + x.share(now.costs[point]) * (right - left), bottom - y.share(Math.min(most, figures[0].values[point])) * (bottom - top),
  ];
  const spanned = () => {
    const marked = data.marks.map((mark) => mark.at);
    const costs = [...now.shown, ...marked].map((point) => now.costs[point]);
    const [low, high] = [Math.min(...costs), Math.max(...costs)];
    const pad = high > low ? 0.04 * (high - low) : 0.05 * Math.abs(low) || 1;
    const from = low >= 0 ? Math.max(0, low - pad) : low - pad;
    return { low: from, high: high + pad, share: (value) => (value - from) / (high + pad - from) };
  };
  const ticks = ({ low, high }) => {
    const rough = (high - low) / 6;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 2.5, 5, 10].map((it) => it * power).find((it) => it >= rough);
    const from = Math.ceil(low / step - 1e-9);
    return Array.from({ length: Math.max(0, Math.floor(high / step + 1e-9) - from + 1) }, (_, place) => (from + place) * step);
  };
  const viridis = (share) => {
    const stops = [[68, 1, 84], [71, 45, 123], [59, 82, 139], [44, 114, 142], [33, 145, 140], [40, 174, 128], [94, 201, 98], [173, 220, 48], [253, 231, 37]];
    const at = Math.min(1, Math.max(0, share)) * 8;
    const low = Math.min(7, Math.floor(at));
    return `rgb(${stops[low].map((it, place) => Math.round(it + (stops[low + 1][place] - it) * (at - low))).join(",")})`;
  };
  const drawTicks = () => {
    tickLayer.replaceChildren();
    for (const value of ticks(x)) {
      const px = left + x.share(value) * (right - left);
      shape(tickLayer, "line", { x1: px, x2: px, y1: top, y2: bottom, stroke: "#E4E7EB", "stroke-width": 10 });
      shape(tickLayer, "line", { x1: px, x2: px, y1: bottom, y2: bottom + 50, stroke: "#8C929A", "stroke-width": 10 });
      const look = { x: px, y: bottom + 185, "text-anchor": "middle", "font-family": "sans-serif", "font-size": 125, fill: "#40464E" };
      shape(tickLayer, "text", look, number(Number(value.toPrecision(6))));
    }
  };
  const dot = (point, ringed) => {
    const [cx, cy] = placeOf(point);
    const radius = candidates > 150 ? 32 : 42;
    const fill = color ? viridis(color.share(figures[1].values[point])) : "#0072B2";
    if (figures[0].values[point] > most) {
      const points = `${cx},${cy - 1.4 * radius} ${cx + 1.2 * radius},${cy + 0.7 * radius} ${cx - 1.2 * radius},${cy + 0.7 * radius}`;
      shape(layer, "polygon", { points, fill, stroke: "#181C21", "stroke-width": 7, class: "beyond" });
    } else {
      shape(layer, "circle", { cx, cy, r: radius + 7, fill: "#181C21", opacity: 0.55 });
      shape(layer, "circle", { cx, cy, r: radius, fill });
    }
    if (ringed) shape(layer, "circle", { cx, cy, r: radius + 19, fill: "none", stroke: "#181C21", "stroke-width": 15, class: "ring" });
  };
  const drawMoved = () => {
    layer.replaceChildren();
    now.shown.filter((point) => !now.front.includes(point)).forEach((point) => dot(point, false));
    let least = Infinity;
    const line = [];
    for (const point of now.front.filter((it) => figures[0].values[it] < least && (least = figures[0].values[it], true))) {
      const [px, py] = placeOf(point);
      if (line.length) line.push([px, line[line.length - 1][1]]);
      line.push([px, py]);
    }
    shape(layer, "polyline", { points: line.map((it) => it.join(",")).join(" "), fill: "none", stroke: "#181C21", "stroke-width": 16 });
    now.front.forEach((point) => dot(point, true));
    for (const mark of data.marks.filter(({ at }) => now.shown.includes(at) || now.beside.includes(at))) {
      const [px, py] = placeOf(mark.at);
      const corners = mark.star ? 10 : 4;
      const corner = (_, place) => {
        const size = mark.star ? (place % 2 ? 46 : 104) : 88;
        const angle = (place / corners - 0.25) * 2 * Math.PI;
        return `${px + size * Math.cos(angle)},${py + size * Math.sin(angle)}`;
      };
      const points = Array.from({ length: corners }, corner).join(" ");
      shape(layer, "polygon", { points, fill: "#CC3311", stroke: "#FFFFFF", "stroke-width": 14 });
      const end = px > (left + right) / 2;
      const look = { x: px + (end ? -130 : 130), y: py + 45, "text-anchor": end ? "end" : "start", "font-family": "sans-serif", "font-size": 125, fill: "#181C21", stroke: "#FFFFFF", "stroke-width": 40, "paint-order": "stroke" };
      shape(layer, "text", look, mark.label);
    }
  };
  const drawOver = () => {
    over.replaceChildren();
    const around = (point, r, width) => {
      const [cx, cy] = placeOf(point);
      shape(over, "circle", { cx, cy, r, fill: "none", stroke: "#CC3311", "stroke-width": width });
    };
    state.pins.forEach((point, place) => {
      around(point, 90, 24);
      const [px, py] = placeOf(point);
      shape(over, "text", { x: px, y: py - 115, "text-anchor": "middle", "font-family": "sans-serif", "font-size": 140, "font-weight": "bold", fill: "#CC3311" }, "AB"[place]);
    });
    if (state.at !== null) around(state.at, 70, 16);
  };

  // What is said of a configuration.
  const settings = (point) => axes.map((axis) => `${axis.name} ${axis.values[axis.at[point]]}`).join(", ");
  const told = (point) => [
    ...figures.map((it) => `${it.name} ${number(it.values[point])} ${it.unit}`.trimEnd()), `${bill.name} ${number(now.costs[point])} ${bill.unit}`,
  ];
  const tip = element("div", { class: "tip", hidden: "" });
  chart.append(tip);
  const say = element("p", { class: "said", "aria-live": "polite" });
  const status = element("p", { class: "status" });
  const compared = element("div", { class: "compared" });
  const show = (point) => {
    state.at = point;
    drawOver();
    tip.hidden = point === null;
    if (point === null) return;
    const onFront = now.front.includes(point) ? ["on the front"] : [];
    tip.replaceChildren(element("strong", {}, settings(point)), ...[...told(point), ...onFront].map((it) => element("span", {}, it)));
    say.textContent = [settings(point), ...told(point), ...onFront].join("; ");
    const [px, py] = placeOf(point);
    const [wide, high] = svg.getAttribute("viewBox").split(" ").slice(2).map(Number);
    tip.style.cssText = px > wide / 2 ? `right:${100 - (100 * px) / wide + 2}%` : `left:${(100 * px) / wide + 2}%`;
    tip.style[py > high / 2 ? "bottom" : "top"] = `${100 * (py > high / 2 ? 1 - py / high : py / high)}%`;
  };
  const compare = () => {
    compared.replaceChildren();
    const [a, b] = state.pins;
    if (a === undefined) return;
    const value = (point, it) => (it ? it.values[point] : now.costs[point]);
    const cells = (name, of) => {
      const row = element("tr", {}, element("th", { scope: "row" }, name));
      of.forEach((it) => row.append(element("td", { class: "n" }, it)));
      return row;
    };
    const rows = axes.map((axis) => cells(axis.name, [...state.pins.map((point) => axis.values[axis.at[point]]), ...(b === undefined ? [] : ["", ""])]));
    for (const it of [...figures, null]) {
      const values = state.pins.map((point) => value(point, it));
      const [before, after] = values;
      const percent = before ? `${signed(Number(((100 * (after - before)) / before).toFixed(1)))} %` : "\u2013";
      const change = b === undefined ? [] : [signed(after - before), percent];
      rows.push(cells(it ? named(it) : `${bill.name} [${bill.unit}]`, [...values.map(number), ...change]));
    }
    const heads = b === undefined ? ["", "A"] : ["", "A", "B", "B \u2212 A", "B against A"];
    const head = element("tr", {}, ...heads.map((it) => element("th", { scope: "col", class: "n" }, it)));
    compared.append(element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows)));
    if (b === undefined) compared.append(element("p", {}, "Pin a second configuration to compare the two."));
  };
  const pin = (point) => {
    const known = state.pins.indexOf(point);
    if (known >= 0) state.pins.splice(known, 1);
    else state.pins = [...state.pins, point].slice(-2);
    compare();
    drawOver();
  };
  const render = () => {
    compute();
    x = now.unchanged ? drawnX : spanned();
    for (const it of [drawn, drawnTicks]) it.style.display = it === drawn ? (now.pristine ? "" : "none") : now.unchanged ? "" : "none";
    if (now.unchanged) tickLayer.replaceChildren(); else drawTicks();
    if (now.pristine) layer.replaceChildren(); else drawMoved();
    const hidden = (point) => !now.shown.includes(point) && !now.beside.includes(point);
    state.pins = state.pins.filter((point) => !hidden(point));
    if (state.at !== null && hidden(state.at)) show(null);
    compare();
    drawOver();
    status.textContent = `${now.shown.length} of ${candidates} configurations are shown; ${now.front.length} are on the front of these.`;
    figure.dataset.front = now.front.join(" ");
    figure.dataset.shown = now.shown.length;
  };

  // Filters, limits and prices.
  const controls = element("details", { class: "controls", open: "" }, element("summary", {}, "Filters and prices"));
  const fields = element("div", { class: "fields" });
  axes.forEach((axis, place) => {
    if (axis.values.length < 2) return;
    const select = element("select", { "data-axis": axis.name }, element("option", { value: "" }, "all"));
    axis.values.forEach((value, at) => select.append(element("option", { value: at }, value)));
    select.addEventListener("input", () => { state.filters[place] = select.value; render(); });
    fields.append(element("label", {}, axis.name, select));
  });
  figures.forEach((it, place) => {
    if (!it.limited) return;
    const input = element("input", { type: "number", min: "0", step: "any", placeholder: "no limit", "data-limit": it.name });
    input.addEventListener("input", () => { state.limits[place] = input.value === "" ? Infinity : Number(input.value); render(); });
    fields.append(element("label", {}, `${it.name} at most [${it.unit}]`, input));
  });
  bill.prices.forEach((price, place) => {
    const input = element("input", { type: "range", min: 0, max: FACTORS.length - 1, step: 1, value: FACTORS.indexOf(1), "data-price": price.name });
    const output = element("output", {});
    const tell = () => { output.textContent = `\u00d7 ${state.factors[place]}${price.now ? ` of ${price.now}` : ""}`; };
    input.addEventListener("input", () => { state.factors[place] = FACTORS[Number(input.value)]; tell(); render(); });
    tell();
    fields.append(element("label", {}, `price of ${price.name}`, input, output));
  });
  const reset = element("button", { type: "button" }, "Reset");
  reset.addEventListener("click", () => {
    fields.querySelectorAll("select, input").forEach((it) => {
      it.value = it.type === "range" ? FACTORS.indexOf(1) : "";
      it.dispatchEvent(new Event("input"));
    });
    state.pins = [];
    show(null);
    render();
  });
  controls.append(fields, reset);

  // Mouse and keyboard.
  const nearest = (event) => {
    const box = svg.getBoundingClientRect();
    const scale = svg.viewBox.baseVal.width / box.width;
    const [px, py] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
    const far = (point) => Math.hypot(placeOf(point)[0] - px, placeOf(point)[1] - py);
    const candidates = [...now.shown, ...now.beside];
    const best = candidates.reduce((a, b) => (far(b) < far(a) ? b : a), candidates[0]);
    return best !== undefined && far(best) < 14 * Math.max(10, scale) ? best : null;
  };
  chart.addEventListener("mousemove", (event) => { const point = nearest(event); if (point !== state.at) show(point); });
  chart.addEventListener("mouseleave", () => show(null));
  chart.addEventListener("click", (event) => { const point = nearest(event); if (point !== null) { show(point); pin(point); } });
  chart.tabIndex = 0;
  chart.setAttribute("role", "group");
  chart.setAttribute("aria-label", "Configurations. Arrow keys go from one to the next, Enter pins one, Escape removes the pins.");
  const along = (order, step) => {
    const place = order.indexOf(state.at);
    return order[place < 0 ? (step > 0 ? 0 : order.length - 1) : Math.min(order.length - 1, Math.max(0, place + step))] ?? null;
  };
  chart.addEventListener("focus", () => { if (state.at === null && chart.matches(":focus-visible")) show(now.front[0] ?? null); });
  chart.addEventListener("keydown", (event) => {
    const slow = [...now.shown].sort((a, b) => figures[0].values[a] - figures[0].values[b] || a - b);
    const keys = {
      ArrowRight: () => show(along(now.shown, 1)), ArrowLeft: () => show(along(now.shown, -1)),
      ArrowUp: () => show(along(slow, 1)), ArrowDown: () => show(along(slow, -1)),
      Home: () => show(now.front[0] ?? null), End: () => show(now.front[now.front.length - 1] ?? null),
      Enter: () => { if (state.at !== null) pin(state.at); }, " ": () => { if (state.at !== null) pin(state.at); },
      Escape: () => { state.pins = []; compare(); show(null); },
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });

  bill.now = Array.from({ length: count }, (_, point) => priced(point));
  figure.querySelector("figcaption").after(say, compared, controls, status);
  figure.querySelector("figcaption").append(" Point at a configuration to see its figures. Click, or press Enter, to pin it; a second pin compares the two.");
  render();

  // Lattices: a cell shows what became of it, and pins its configuration.
  for (const holder of document.querySelectorAll("script.cells")) {
    const cells = JSON.parse(holder.textContent);
    const box = holder.parentElement.querySelector(".chart");
    const sheet = box.querySelector("svg");
    const group = sheet.querySelector("g.cells");
    const [columns, rows] = [Number(group.dataset.columns), Number(group.dataset.rows)];
    const [l, t, r, b] = group.dataset.area.split(" ").map(Number);
    const frame = shape(sheet, "rect", { fill: "none", stroke: "#CC3311", "stroke-width": 25, width: (r - l) / columns, height: (b - t) / rows, visibility: "hidden" });
    const words = element("p", { class: "said", "aria-live": "polite" });
    holder.parentElement.querySelector("figcaption").after(words);
    let cell = null;
    const go = (column, row) => {
      cell = [Math.min(columns - 1, Math.max(0, column)), Math.min(rows - 1, Math.max(0, row))];
      frame.setAttribute("x", l + (cell[0] * (r - l)) / columns);
      frame.setAttribute("y", b - ((cell[1] + 1) * (b - t)) / rows);
      frame.setAttribute("visibility", "visible");
      const place = cell[1] * columns + cell[0];
      const point = cells.at[place];
      const where = [`${cells.axes[0]} ${cells.columns[cell[0]]}`, ...(cells.axes[1] ? [`${cells.axes[1]} ${cells.rows[cell[1]]}`] : [])].join(", ");
      words.textContent = [where, cells.texts[cells.said[place]], ...(point === null ? [] : told(point))].join("; ");
    };
    const at = (event) => {
      const seen = sheet.getBoundingClientRect();
      const scale = sheet.viewBox.baseVal.width / seen.width;
      const [px, py] = [(event.clientX - seen.left) * scale, (event.clientY - seen.top) * scale];
      if (px < l || px >= r || py < t || py >= b) return false;
      go(Math.floor(((px - l) / (r - l)) * columns), Math.floor(((b - py) / (b - t)) * rows));
      return true;
    };
    const choose = () => { const point = cell && cells.at[cell[1] * columns + cell[0]]; if (point !== null && point !== undefined) pin(point); };
    box.addEventListener("mousemove", at);
    box.addEventListener("mouseleave", () => frame.setAttribute("visibility", "hidden"));
    box.addEventListener("click", (event) => { if (at(event)) choose(); });
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", "Cells. Arrow keys go from one to the next, Enter pins its configuration in the chart of the front.");
    box.addEventListener("keydown", (event) => {
      const steps = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
      if (event.key === "Enter" || event.key === " ") choose();
      else if (steps[event.key]) go((cell ? cell[0] : 0) + steps[event.key][0], (cell ? cell[1] : 0) + steps[event.key][1]);
      else return;
      event.preventDefault();
    });
  }
})();
