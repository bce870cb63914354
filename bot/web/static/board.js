// Puts a slider over the days of a board beside its field; the field does without.
const form = document.getElementById("days");
if (form && form.dataset.first < form.dataset.last) {
  const DAY = 86400000;
  const first = Date.parse(form.dataset.first);
  const field = form.elements.at;
  const iso = (day) => new Date(first + day * DAY).toISOString().slice(0, 10);
  const slider = document.createElement("input");
  slider.type = "range";
  slider.min = 0;
  slider.max = (Date.parse(form.dataset.last) - first) / DAY;
  slider.value = (Date.parse(field.value) - first) / DAY;
  slider.setAttribute("aria-label", "Day");
  slider.addEventListener("input", () => {
    field.value = iso(Number(slider.value));
    slider.setAttribute("aria-valuetext", field.value);
  });
  slider.addEventListener("change", () => form.requestSubmit());
  field.addEventListener("input", () => {
    slider.value = (Date.parse(field.value) - first) / DAY;
  });
  form.insertBefore(slider, form.querySelector("button"));
}
