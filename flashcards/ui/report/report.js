// Draws the charts of the report, and again where the page gets another width; all words and numbers are the page's own.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const DAY = 864e5, WEEKS = 53, NARROW = 560;
  const SHORT = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const today = Date.parse(data.today), chosen = {days: 0, due: 30};
  const date = (time) => new Date(time);
  const weekday = (time) => (date(time).getUTCDay() + 6) % 7;
  const monday = (time) => time - weekday(time) * DAY;
  const number = (value) => value.toLocaleString("en");
  const percent = (value) => `${Math.round(value * 100)} %`;
  const many = (value, noun) => `${number(value)} ${noun}${value === 1 ? "" : "s"}`;
  const named = (time) => {
    const day = date(time);
    return `${SHORT[weekday(time)]} ${day.getUTCDate()} ${MONTHS[day.getUTCMonth()]} ${day.getUTCFullYear()}`;
  };

  // ------------------------------------------------------------ what the charts share

  const axis = {tickSize: 0, tickPadding: 8, color: "var(--soft)", label: null};
  const grid = (ticks) => Plot.gridY({ticks, stroke: "var(--grid)", strokeOpacity: 1});
  const ground = () => Plot.ruleY([0], {stroke: "var(--edge)"});
  const scaleY = {label: null, nice: true};
  const tip = (points, channels, nearest = Plot.pointerX) =>
    Plot.tip(points, nearest({
      ...channels, title: "words", fill: "var(--card)", stroke: "var(--edge)", textPadding: 9, pathFilter: null,
      lineHeight: 1.35, fontSize: 12.5,
    }));

  // A chart is {svgs, points: [{x, y, words, svg}]}: the points are what the arrow keys walk along.
  function drawn(options, points, across) {
    const svg = Plot.plot({className: "plot", marginTop: 14, marginRight: 8, ...options});
    for (const part of svg.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
    svg.setAttribute("aria-hidden", "true");
    const [x, y] = [svg.scale("x"), svg.scale("y")];
    return points.map((point) => ({
      svg, words: point.words, x: x.apply(point[across]) + (x.bandwidth ?? 0) / 2,
      y: y.apply(point.y ?? 0) + (y.bandwidth ?? 0) / 2,
    }));
  }

  const ticksOf = (most) => (most < 2 ? [0, 1] : most < 6 ? Array.from({length: most + 1}, (_, place) => place) : 5);

  function bars(width, points, {height = 200, fill = "var(--accent)", every = 1}) {
    const most = Math.max(1, ...points.map((point) => point.y)), ticks = ticksOf(most);
    return drawn({
      width, height, marginLeft: 44, marginBottom: 26,
      x: {type: "band", domain: points.map((point) => point.x), padding: 0.14, label: null},
      y: {...scaleY, domain: [0, most]},
      marks: [
        grid(ticks), Plot.axisY({...axis, ticks, tickFormat: number}),
        Plot.axisX({...axis, ticks: points.filter((_, place) => place % every === 0).map((point) => point.x)}),
        Plot.barY(points, {x: "x", y: "y", fill, ry1: 3}),
        Plot.barY(points, Plot.pointerX({x: "x", y: "y", fill: "var(--ink)", fillOpacity: 0.16})),
        ground(), tip(points, {x: "x", y: "y"}),
      ],
    }, points, "x");
  }

  // ------------------------------------------------------------ days

  const first = Date.parse(data.days.first);
  const lastDay = first + (data.days.reviews.length - 1) * DAY;
  const level = (reviews, extra) => (reviews ? data.edges.filter((edge) => edge <= reviews).length : extra ? 1 : 0);

  function dayOf(time) {
    const place = Math.round((time - first) / DAY);
    const [reviews, extra, minutes] = ["reviews", "extra", "minutes"].map((name) => data.days[name][place] ?? 0);
    const rest = [extra && `${number(extra)} drills`, minutes && `${number(minutes)} min`].filter(Boolean).join(", ");
    const words = `${named(time)}\n${reviews ? many(reviews, "review") : "no reviews"}${rest ? `, ${rest}` : ""}`;
    return {time, y: weekday(time), week: monday(time), level: level(reviews, extra), words};
  }

  function calendar(width) {
    const year = chosen.days;
    const since = year ? Date.UTC(year, 0, 1) : monday(today) - (WEEKS - 1) * 7 * DAY;
    const until = year ? Math.min(Date.UTC(year, 11, 31), Math.max(today, lastDay)) : today;
    const weeks = [];
    for (let week = monday(since); week <= until; week += 7 * DAY) weeks.push(week);
    const rows = Math.ceil(WEEKS / Math.max(1, Math.floor((width - 34) / 11)));
    const long = Math.ceil(WEEKS / rows), points = [];
    for (let row = 0; row < rows; row += 1) {
      const part = weeks.slice(Math.max(0, weeks.length - long * (row + 1)), weeks.length - long * row);
      if (part.length) points.unshift(...strip(width, part, long, since, until));
    }
    return points;
  }

  function strip(width, weeks, long, since, until) {
    const size = Math.min(22, (width - 34) / long);
    const domain = [...weeks];
    while (domain.length < long) domain.push(domain.at(-1) + 7 * DAY);
    const days = [];
    for (const week of weeks)
      for (let time = week; time < week + 7 * DAY; time += DAY) if (time >= since && time <= until) days.push(dayOf(time));
    const starts = domain.filter((week) => {
      const end = week + 6 * DAY; // the first of a month is in this week
      return date(end).getUTCDate() <= 7 && end - (date(end).getUTCDate() - 1) * DAY <= until && week <= weeks.at(-1);
    });
    return drawn({
      width: 34 + size * long, height: 20 + size * 7, marginTop: 20, marginLeft: 34, marginRight: 0, marginBottom: 0,
      x: {type: "band", domain, padding: 0, label: null, round: false},
      y: {type: "band", domain: [0, 1, 2, 3, 4, 5, 6], padding: 0, label: null, round: false},
      color: {type: "identity"},
      marks: [
        Plot.axisX({...axis, anchor: "top", tickPadding: 4, ticks: starts, textAnchor: "start", dx: -size / 2,
          tickFormat: (week) => MONTHS[date(week + 6 * DAY).getUTCMonth()]}),
        Plot.axisY({...axis, tickPadding: 6, ticks: [0, 2, 4], tickFormat: (day) => SHORT[day]}),
        Plot.cell(days, {x: "week", y: "y", fill: (day) => `var(--heat${day.level})`, inset: size > 14 ? 1.5 : 1, rx: size > 14 ? 3 : 2}),
        Plot.cell(days, Plot.pointer({x: "week", y: "y", stroke: "var(--ink)", strokeWidth: 1.5, inset: 0.5, rx: 3})),
        tip(days, {x: "week", y: "y"}, Plot.pointer),
      ],
    }, days, "week");
  }

  // ------------------------------------------------------------ retention

  function retention(width) {
    const {step, points: all} = data.retention;
    if (!all.length) return [];
    const called = (time) => (step === "week" ? `week of ${named(time)}` : step === "month"
      ? `${MONTHS[date(time).getUTCMonth()]} ${date(time).getUTCFullYear()}`
      : `${MONTHS[date(time).getUTCMonth()]}–${MONTHS[date(time).getUTCMonth() + 2]} ${date(time).getUTCFullYear()}`);
    const points = all.map(([since, y, low, high, tested]) => {
      const time = Date.parse(since);
      return {
        at: date(time), y, low, high,
        words: `${called(time)}\n${percent(y)} of ${number(tested)}\n95 % interval ${Math.round(low * 100)}–${percent(high)}`,
      };
    });
    const low = Math.min(data.target, ...points.map((point) => point.low));
    const bottom = Math.max(0, Math.floor(low * 20) / 20), one = points.length === 1;
    return drawn({
      width, height: width < NARROW ? 240 : 300, marginLeft: 44, marginBottom: 34,
      x: {type: "utc", label: null, ...(one ? {domain: [+points[0].at - 7 * DAY, +points[0].at + 7 * DAY].map(date)} : {})},
      y: {label: null, domain: [bottom, 1]},
      marks: [
        grid(6), Plot.axisY({...axis, ticks: 6, tickFormat: percent}), Plot.axisX({...axis, ticks: Math.max(2, Math.min(10, width / 90))}),
        Plot.areaY(points, {x: "at", y1: "low", y2: "high", fill: "var(--band)", curve: "monotone-x"}),
        Plot.ruleY([data.target], {stroke: "var(--warm)", strokeDasharray: "5 4", strokeWidth: 1.5}),
        Plot.lineY(points, {x: "at", y: "y", stroke: "var(--accent)", strokeWidth: 2.2, curve: "monotone-x"}),
        one ? Plot.ruleX(points, {x: "at", y1: "low", y2: "high", stroke: "var(--band)", strokeWidth: 12}) : null,
        Plot.dot(points.slice(-1), {x: "at", y: "y", r: 4, fill: "var(--accent)"}),
        Plot.ruleX(points, Plot.pointerX({x: "at", stroke: "var(--soft)", strokeOpacity: 0.5})),
        Plot.dot(points, Plot.pointerX({x: "at", y: "y", r: 5, fill: "var(--accent)", stroke: "var(--card)", strokeWidth: 2})),
        tip(points, {x: "at", y: "y"}),
      ],
    }, points, "at");
  }

  // ------------------------------------------------------------ what comes

  function due(width) {
    const {young, mature, standing} = data.due, size = chosen.due > 90 ? 7 : 1;
    const sum = (numbers, place) => numbers.slice(place, place + size).reduce((all, one) => all + one, 0);
    const points = [];
    for (let place = 0; place + size <= Math.min(chosen.due, standing.length); place += size) {
      const [new_, old, stands] = [sum(young, place), sum(mature, place), sum(standing, place)], time = today + place * DAY;
      const when = place === 0 && size === 1 ? "today" : size === 1 ? named(time) : `week from ${named(time)}`;
      points.push({
        x: place / size, time, young: new_, mature: old, standing: stands, y: new_ + old,
        words: `${when}\n${number(new_ + old)} to expect\n${number(old)} mature, ${number(new_)} young\n${number(stands)} as things stand`,
      });
    }
    const stacked = points.flatMap((point) => [
      {x: point.x, y1: 0, y2: point.mature, fill: "var(--accent)"},
      {x: point.x, y1: point.mature, y2: point.y, fill: "var(--warm-fill)"},
    ]);
    const most = Math.max(1, ...points.map((point) => Math.max(point.y, point.standing))), ticks = ticksOf(most);
    const marked = points.filter(({time}) => (chosen.due === 30 ? weekday(time) === 0 : date(time).getUTCDate() <= size))
      .filter((_, place) => width > 420 || chosen.due < 366 && (chosen.due <= 90 || place % 3 === 0));
    return drawn({
      width, height: 240, marginLeft: 44, marginBottom: 26,
      x: {type: "band", domain: points.map((point) => point.x), padding: points.length > 60 ? 0.06 : 0.14, label: null},
      y: {...scaleY, domain: [0, most]}, color: {type: "identity"},
      marks: [
        grid(ticks), Plot.axisY({...axis, ticks, tickFormat: number}),
        Plot.axisX({...axis, ticks: marked.map((point) => point.x), tickFormat: (place) => {
          const day = date(today + place * size * DAY), month = MONTHS[day.getUTCMonth()];
          return chosen.due === 30 ? `${day.getUTCDate()} ${month}` : month;
        }}),
        Plot.barY(stacked, {x: "x", y1: "y1", y2: "y2", fill: "fill"}),
        Plot.lineY(points, {x: "x", y: "standing", stroke: "var(--ink)", strokeWidth: 1.4, curve: "step"}),
        Plot.barY(points, Plot.pointerX({x: "x", y: "y", fill: "var(--ink)", fillOpacity: 0.16})),
        ground(), tip(points, {x: "x", y: "y"}),
      ],
    }, points, "x");
  }

  // ------------------------------------------------------------ the rest

  const wait = (days) => (days < 31 ? `${days}d` : days < 365 ? `${Math.round(days / 30.4)}mo` : `${Math.round(days / 365)}y`);

  function intervals(width) {
    const points = data.intervals.map(([since, until, y]) => {
      const days = until === null ? `${since} days or more` : until === since + 1 ? many(since, "day") : `${since}–${until - 1} days`;
      return {x: `${wait(since)}${until === null ? "+" : ""}`, y, words: `${days}\n${many(y, "card")}`};
    });
    return bars(width, points, {every: width < 400 ? 2 : 1});
  }

  function ease(width) {
    const points = data.ease.map(([since, until, y]) => {
      const x = until === null ? `${since.toFixed(1)}+` : since.toFixed(1);
      return {x, y, words: `ease ${since.toFixed(1)}${until === null ? " or more" : ` to ${until.toFixed(1)}`}\n${many(y, "card")}`};
    });
    return bars(width, points, {fill: "var(--warm-fill)", every: width < 400 ? 2 : 1});
  }

  const answered = (reviews, right) => `${many(reviews, "review")}${reviews ? `\n${percent(right / reviews)} right` : ""}`;
  const hours = (width) => bars(width, data.hours.map(([y, right], hour) => (
    {x: `${hour}`, y, words: `${hour}:00 to ${hour + 1}:00\n${answered(y, right)}`})), {every: width < 480 ? 3 : 2});
  const weekdays = (width) => bars(width, data.weekdays.map(([y, right], day) => (
    {x: SHORT[day], y, words: `${SHORT[day]}\n${answered(y, right)}`})), {});

  // ------------------------------------------------------------ drawing, keys

  const charts = {days: calendar, retention, due, intervals, ease, hours, weekdays};
  const said = document.getElementById("said");

  function point(chart, to) {
    const {points} = chart;
    for (const {svg} of points) svg.dispatchEvent(new PointerEvent("pointerleave", {pointerType: "mouse"}));
    chart.at = to;
    if (to === null) return;
    const {svg, x, y, words} = points[to], box = svg.getBoundingClientRect();
    const [clientX, clientY] = [box.left + x, box.top + y];
    for (const kind of ["pointerenter", "pointermove"])
      svg.dispatchEvent(new PointerEvent(kind, {pointerType: "mouse", clientX, clientY, bubbles: true}));
    said.textContent = words.replaceAll("\n", ", ");
  }

  function pressed(chart, event) {
    const last = chart.points.length - 1, down = chart.down ?? 1, at = chart.at ?? null;
    const to = {
      ArrowLeft: () => (at ?? last + down) - down, ArrowRight: () => (at ?? -down) + down,
      ArrowUp: () => (at ?? last + 1) - 1, ArrowDown: () => (at ?? -1) + 1, Home: () => 0, End: () => last,
      Escape: () => null,
    }[event.key];
    if (!to || last < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const where = to();
    point(chart, where === null ? null : Math.max(0, Math.min(last, where)));
  }

  const all = new Map();

  function draw(chart) {
    const width = Math.floor(chart.element.clientWidth);
    if (width < 60) return;
    chart.width = width;
    chart.points = charts[chart.name](width);
    chart.at = null;
    chart.element.replaceChildren(...new Set(chart.points.map(({svg}) => svg)));
  }

  for (const element of document.querySelectorAll("[data-chart]")) {
    const chart = {element, name: element.dataset.chart, down: element.dataset.chart === "days" ? 7 : 1};
    all.set(chart.name, chart);
    draw(chart);
    if (!chart.points?.length) continue;
    element.tabIndex = 0;
    element.setAttribute("role", "group");
    element.setAttribute("aria-roledescription", "chart, arrow keys read it");
    element.addEventListener("keydown", (event) => pressed(chart, event));
    element.addEventListener("blur", () => point(chart, null));
  }
  const observer = new ResizeObserver((entries) => {
    for (const {target} of entries) {
      const chart = all.get(target.dataset.chart);
      if (chart.width !== Math.floor(target.clientWidth)) requestAnimationFrame(() => draw(chart));
    }
  });
  for (const {element} of all.values()) observer.observe(element);

  // ------------------------------------------------------------ choices

  function choose(name, value) {
    chosen[name] = value;
    draw(all.get(name));
  }

  const years = [];
  for (let year = date(today).getUTCFullYear(); year >= date(first).getUTCFullYear(); year -= 1) years.push(year);
  const select = document.querySelector("select[data-choice]");
  if (select && first < monday(today) - (WEEKS - 1) * 7 * DAY) {
    for (const year of [0, ...years]) select.add(new Option(year ? `${year}` : "the last 12 months", year));
    select.addEventListener("change", () => choose("days", Number(select.value)));
    select.parentElement.hidden = false;
  }

  const group = document.querySelector(".choice[data-choice]");
  for (const [days, label] of group ? [[30, "30 days"], [90, "90 days"], [365, "1 year"]] : []) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.setAttribute("aria-pressed", String(days === chosen.due));
    button.addEventListener("click", () => {
      for (const other of group.children) other.setAttribute("aria-pressed", String(other === button));
      choose("due", days);
    });
    if (days <= data.due.standing.length) group.append(button);
    group.hidden = group.children.length < 2;
  }

  const theme = document.getElementById("theme");
  const kept = (act) => {
    try {
      return act(localStorage);
    } catch {
      return null; // storage is not allowed here: the choice holds for this visit
    }
  };
  function dress(name) {
    if (name) document.documentElement.dataset.theme = name;
    else delete document.documentElement.dataset.theme;
    for (const button of theme.children) button.setAttribute("aria-pressed", String(button.dataset.theme === name));
  }
  dress(kept((storage) => storage.getItem("cards-theme")) || "");
  theme.hidden = false;
  theme.addEventListener("click", (event) => {
    const name = event.target.dataset.theme;
    if (name === undefined) return;
    dress(name);
    kept((storage) => storage.setItem("cards-theme", name));
  });
})();
