"use strict";
// Moves the drawings of a race, as bot/drawing/player.py made them: bars that overtake, and lines
// that grow. What strangers wrote is only ever set as text.
(() => {
  const root = document.querySelector(".race");
  if (!root) return;
  const race = JSON.parse(document.getElementById("race-data").textContent);
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const [playButton, back, on, scrub, speed] = ["play", "back", "on", "scrub", "speed"].map(part);
  const dayForm = document.getElementById("race-day"); // what shows a day without this script
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  const DAY = 864e5;
  const SETTLE = 800; // milliseconds in which bars come to their places
  const LONGEST = 60000; // milliseconds that a race takes at the most, at normal speed
  const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
  const last = race.moments.length - 1;
  const lastOf = (list, test) => list[indexOfLast(list, test)];
  const two = (number) => String(number).padStart(2, "0");
  function indexOfLast(list, test) {
    let number = list.length - 1;
    while (number >= 0 && !test(list[number])) number -= 1;
    return number;
  }

  const day = (at) => new Date(at).toISOString().slice(0, 10);

  function minute(at) {
    const d = new Date(at);
    const clock = `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`;
    return `${d.getUTCDate()} ${MONTHS[d.getUTCMonth()]} ${d.getUTCFullYear()}, ${clock} UTC`;
  }

  function span(length) {
    for (const [size, one, many] of [[DAY, "a day", "days"], [36e5, "an hour", "hours"], [6e4, "a minute", "minutes"]]) {
      const count = Math.floor(length / size);
      if (count > 0) return count === 1 ? one : `${count} ${many}`;
    }
    return "a minute";
  }

  const leading = (at) => lastOf(race.leads, (one) => one.at <= at);

  function led(at) {
    const lead = leading(at);
    if (!lead) return "Who led is not known.";
    if (at - lead.at < 6e4) return `${lead.name} leads${lead.seen ? "" : " now"}`;
    return `${lead.name} leads, for ${lead.seen ? "at least " : ""}${span(at - lead.at)}`;
  }

  // How it came to lead, with a link to the event where there is one.
  function why(lead) {
    const made = document.createElement(lead?.link ? "a" : "span");
    made.textContent = lead ? lead.why : "";
    if (lead?.link) made.href = lead.link;
    return made;
  }

  // The rows that are seen at a moment, the first before others.
  function standing(index) {
    const found = [];
    race.rows.forEach((row, key) => {
      const [, place, rank, from, to, score] = lastOf(row.steps, (step) => step[0] <= index) ?? [];
      if (place) found.push({key, row, place, rank, from, to, score});
    });
    return found.sort((a, b) => a.place - b.place);
  }

  const numbers = (svg) =>
    Object.fromEntries(Object.entries(svg.dataset).map(([name, value]) => [name, Number(value)]));
  const sizeOf = (svg) => (svg.dataset.size === "narrow" ? 1 : 0);

  // Rows of a colour differ by how their lines are broken; their areas are pale then.
  const stroke = (made) => made.attr("fill", "none").attr("stroke", (d) => d.colour).attr("stroke-dasharray", (d) => d.dashes);
  const paint = (made) => made.attr("fill", (d) => d.colour)
    .attr("fill-opacity", (d) => (d.dashes ? 0.3 : null))
    .attr("stroke", (d) => (d.dashes ? d.colour : null));

  function makeBars(svg) {
    const {left, right, row, base, bar, thick} = numbers(svg);
    const size = sizeOf(svg);
    const across = d3.scaleLinear([0, 1], [left, right]);
    const height = svg.viewBox.baseVal.height;
    const below = `translate(0,${height})`;
    const key = function (d) { return String(d ? d.key : this.dataset.key); };
    return (index, milliseconds) => {
      const groups = d3.select(svg).selectAll("g.row").data(standing(index), key);
      const entered = groups.enter().append("g")
        .attr("class", "row").attr("data-key", (d) => d.key)
        .attr("transform", below).attr("opacity", 0);
      entered.append("text").attr("class", "rank")
        .attr("x", left - 10).attr("y", base).attr("text-anchor", "end");
      entered.append("text").attr("class", "name").attr("x", left).attr("y", base)
        .text((d) => d.row.short[size]).append("title").text((d) => d.row.name);
      entered.append("text").attr("class", "score").attr("x", right).attr("y", base)
        .attr("text-anchor", "end").attr("font-weight", 600);
      entered.append("rect").attr("class", "bar").attr("y", bar).attr("height", thick).attr("rx", 2)
        .attr("stroke-dasharray", (d) => d.row.dashes)
        .datum((d) => d.row).call(paint).datum(function () { return this.parentNode.__data__; })
        .attr("x", (d) => across(d.from)).attr("width", (d) => across(d.to) - across(d.from));
      const every = groups.merge(entered);
      every.select("text.rank").text((d) => d.rank);
      every.select("text.score").text((d) => d.score);
      const moved = every.transition().duration(milliseconds)
        .attr("opacity", 1).attr("transform", (d) => `translate(0,${(d.place - 1) * row})`);
      moved.select("rect").attr("x", (d) => across(d.from))
        .attr("width", (d) => Math.max(across(d.to) - across(d.from), 1));
      groups.exit().transition().duration(milliseconds)
        .attr("opacity", 0).attr("transform", below).remove();
    };
  }

  // The pieces of a row's line, as bot/drawing/bump.py has them: places over the drawing's width.
  function piecesOf(row, across, {left, right, bend}) {
    const found = [];
    const bottom = race.top + 0.6;
    let piece = [];
    let wasBelow = false;
    row.steps.forEach(([moment, place], number) => {
      const begin = across(race.moments[moment]);
      const next = row.steps[number + 1];
      const until = next ? across(race.moments[next[0]]) : right;
      if (piece.length && !place) {
        if (place === 0) piece.push([begin, bottom]);
        found.push(piece);
        piece = [];
      }
      if (place) {
        if (!piece.length && wasBelow) piece.push([Math.max(begin - bend, left), bottom]);
        const end = next ? until - Math.min(bend, (until - begin) * 0.7) : right;
        piece.push([begin, place]);
        if (end > begin) piece.push([end, place]);
      }
      wasBelow = place === 0;
    });
    if (piece.length) found.push(piece);
    return found;
  }

  // Where a line passes at x, as the curve of d3.curveBumpX has it; null where there is no line.
  function placeAt(pieces, x) {
    const piece = pieces.find((one) => one[0][0] <= x && x <= one[one.length - 1][0]);
    if (!piece) return null;
    const after = piece.findIndex((knot) => knot[0] >= x);
    const [x1, y1] = piece[after];
    if (!after) return y1;
    const [x0, y0] = piece[after - 1];
    if (y0 === y1 || x0 === x1) return y1;
    const part = (x - x0) / (x1 - x0);
    let low = 0;
    let high = 1;
    for (let turn = 0; turn < 14; turn += 1) {
      const s = (low + high) / 2;
      if (1.5 * s - 1.5 * s * s + s ** 3 < part) low = s;
      else high = s;
    }
    return y0 + (y1 - y0) * (3 * low * low - 2 * low ** 3);
  }

  function makeBump(svg) {
    const shape = numbers(svg);
    const {left, right, row, begin, bottom} = shape;
    const size = sizeOf(svg);
    const across = d3.scaleTime([race.start, race.end], [left, right]).clamp(true);
    const down = (place) => begin + (place - 1) * row;
    const line = d3.line((knot) => knot[0], (knot) => down(knot[1])).curve(d3.curveBumpX);
    const pieces = race.rows.map((one) => piecesOf(one, across, shape));
    let ends = null;
    let shown = null;

    // Until it is first moved, the drawing stays as the server made it.
    function prepare() {
      const drawing = d3.select(svg);
      drawing.selectAll("g.line, g.end").remove();
      const name = `race-shown-${size}`;
      shown = drawing.append("clipPath").attr("id", name).append("rect")
        .attr("x", 0).attr("y", 0).attr("height", svg.viewBox.baseVal.height);
      const lines = drawing.append("g").attr("clip-path", `url(#${name})`)
        .selectAll("path").data(race.rows).enter().append("path")
        .attr("d", (_, key) => pieces[key].map(line).join(""))
        .attr("stroke-width", 3).attr("stroke-linejoin", "round").call(stroke);
      lines.append("title").text((d) => d.name);
      ends = drawing.selectAll("g.end").data(race.rows).enter().append("g").attr("class", "end");
      ends.append("circle").attr("r", 5).call(paint);
      ends.append("line").attr("stroke", (d) => d.colour).attr("stroke-dasharray", "1 3");
      const names = ends.append("text");
      names.append("title").text((d) => d.name);
      names.selectAll("tspan").data((d) => d.end[size]).enter().append("tspan").attr("x", right + 14)
        .attr("y", (_, number, all) => (number - (all.length - 1) / 2) * 13 + 4.5).text((text) => text);
    }

    // Those that are away at a moment have their names below, where the server put them.
    // Stars are where somebody had come to lead by then.
    const dated = [...svg.querySelectorAll("g.exit, g.led")];
    const isShown = ({from, until}, at) => Number(from) <= at && (!until || at < Number(until));

    return (at) => {
      if (!ends) prepare();
      const x = across(at);
      shown.attr("width", x);
      for (const one of dated) one.setAttribute("display", isShown(one.dataset, at) ? "inline" : "none");
      ends.each(function (_, key) {
        const place = placeAt(pieces[key], x);
        const end = d3.select(this);
        const seen = place !== null && down(place) < bottom - 1;
        end.attr("display", seen ? null : "none");
        if (!seen) return;
        end.attr("transform", `translate(0,${down(place)})`);
        end.select("circle").attr("cx", x);
        end.select("line").attr("x1", x).attr("x2", right + 11);
      });
    };
  }

  const all = (name, make) => [...root.querySelectorAll(`svg.${name}`)].map(make);
  const bars = all("race-bars", makeBars);
  const bumps = all("race-bump", makeBump);
  let index = race.at;
  let timer = null;

  let told = leading(race.moments[index]);

  function tell(at) {
    part("date").textContent = minute(at);
    part("lead").textContent = led(at);
    if (leading(at) === told) return;
    told = leading(at);
    part("why").replaceChildren(why(told));
    if (timer) say(at);
  }

  // Say who leads to those who do not see it: where that changes, and where the race rests. The
  // slider says it itself.
  function say(at) {
    if (document.activeElement === scrub) return;
    part("said").textContent = `${minute(at)}: ${led(at)}. ${told ? told.why : ""}`;
  }

  function fillTable() {
    const rows = standing(index).map((one) => {
      const made = document.createElement("tr");
      const [rank, name, score] = ["td", "th", "td"].map((tag) => made.appendChild(document.createElement(tag)));
      rank.className = "num";
      rank.textContent = one.rank;
      name.scope = "row";
      const text = one.row.link ? name.appendChild(document.createElement("a")) : name;
      text.textContent = one.row.name;
      if (one.row.link) text.href = one.row.link;
      score.className = "num score";
      score.textContent = one.score;
      return made;
    });
    part("table").replaceChildren(...rows);
    part("table-date").textContent = minute(race.moments[index]);
    for (const one of part("leads").rows) one.hidden = Number(one.dataset.from) > race.moments[index];
  }

  // Say in words what is seen now, for those who do not see it.
  function describe() {
    const at = minute(race.moments[index]);
    const told = standing(index).map((one) => `${one.rank}. ${one.row.name} ${one.score}`).join("; ");
    const gone = (svg) => [...svg.querySelectorAll("g.exit")]
      .filter((one) => one.getAttribute("display") !== "none")
      .map((one) => ` ${one.querySelector("title").textContent}.`).join("");
    for (const svg of root.querySelectorAll("svg.drawing")) {
      const title = svg.querySelector(":scope > title");
      title.textContent = title.textContent.replace(/(on|until) \d+ \w{3} \d{4}, .*$/u, `$1 ${at}`);
      svg.querySelector(":scope > desc").textContent = `${told || "There are no rows"}.${gone(svg)}`;
    }
  }

  function show(next, milliseconds) {
    index = next;
    const at = race.moments[index];
    bars.forEach((draw) => draw(index, calm.matches ? 0 : milliseconds));
    bumps.forEach((draw) => draw(at));
    tell(at);
    fillTable();
    mark();
  }

  // Let the controls say which moment is shown.
  function mark() {
    const at = race.moments[index];
    scrub.value = index;
    scrub.setAttribute("aria-valuetext", `${minute(at)}: ${led(at)}`);
    back.disabled = index === 0;
    on.disabled = index === last;
    const still = part("still");
    const written = new Date(at).toISOString().replace(".000Z", "Z");
    if (still) still.href = `${still.dataset.base}${encodeURIComponent(written)}`;
  }

  function rest() {
    describe();
    const at = race.moments[index];
    say(at);
    if (dayForm) dayForm.elements.at.value = day(at);
    try {
      history.replaceState(null, "", `#${day(at)}`);
    } catch {
      // Some browsers refuse it for files; the day can still be written by hand.
    }
  }

  function pause() {
    timer?.stop();
    timer = null;
    playButton.textContent = "Play";
    rest();
  }

  // Milliseconds from one moment to the next: weeks in which nothing happened pass quickly.
  const quiet = (number) =>
    Math.min(1400, 150 + 70 * ((race.moments[number + 1] - race.moments[number]) / DAY));
  const whole = d3.range(last).reduce((sum, number) => sum + quiet(number) + SETTLE, 0);
  const hurry = Math.min(1, LONGEST / whole);

  function advance() {
    if (index === last) return pause();
    const [from, to] = [race.moments[index], race.moments[index + 1]];
    const factor = hurry / Number(speed.value);
    const takes = quiet(index) * factor;
    timer = d3.timer((elapsed) => {
      const at = from + (to - from) * Math.min(elapsed / takes, 1);
      tell(at);
      bumps.forEach((draw) => draw(at));
      if (elapsed < takes) return;
      timer.stop();
      show(index + 1, SETTLE * factor);
      timer = d3.timeout(advance, SETTLE * factor);
    });
  }

  function play() {
    if (calm.matches) return step(1);
    if (timer) return pause();
    if (index === last) show(0, 0);
    playButton.textContent = "Pause";
    advance();
  }

  function go(next, milliseconds = 250) {
    timer?.stop();
    timer = null;
    playButton.textContent = "Play";
    show(Math.min(Math.max(next, 0), last), milliseconds);
    rest();
  }

  const step = (count) => go(index + count, SETTLE / 2);

  // The last moment of a day; of one before the first it is the first.
  function ofDay(written) {
    const end = Date.parse(`${written}T23:59:59.999Z`);
    return Number.isNaN(end) ? null : Math.max(indexOfLast(race.moments, (at) => at <= end), 0);
  }

  const ofHash = () => ofDay(/^#(\d{4}-\d{2}-\d{2})$/u.exec(location.hash)?.[1]);

  function pressed(event) {
    const on_ = event.target;
    if (event.altKey || event.ctrlKey || event.metaKey || on_.matches("select, textarea, input:not([type=range])")) return;
    const scrubs = on_ === scrub;
    const keys = {
      " ": on_.matches("button, a, summary") ? null : play,
      ArrowLeft: scrubs ? null : () => step(-1),
      ArrowRight: scrubs ? null : () => step(1),
      Home: scrubs ? null : () => go(0),
      End: scrubs ? null : () => go(last),
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  }

  function calmed() {
    playButton.hidden = calm.matches;
    speed.parentElement.hidden = calm.matches; // there is nothing to speed up
    if (timer && calm.matches) pause();
  }

  playButton.addEventListener("click", play);
  back.addEventListener("click", () => step(-1));
  on.addEventListener("click", () => step(1));
  scrub.addEventListener("input", () => go(Number(scrub.value)));
  dayForm?.addEventListener("submit", (event) => {
    const to = ofDay(dayForm.elements.at.value);
    if (to === null) return;
    event.preventDefault();
    go(to);
  });
  document.addEventListener("keydown", pressed);
  window.addEventListener("hashchange", () => { const to = ofHash(); if (to !== null && to !== index) go(to); });
  calm.addEventListener("change", calmed);
  calmed();
  part("controls").hidden = false;
  mark();
  if (ofHash() !== null) {
    show(ofHash(), 0);
    describe();
  }
})();
