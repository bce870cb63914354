// Puts a slider over the days of a board beside its field; the field does without.
const form = document.getElementById("days");
if (form && form.dataset.first < form.dataset.last) {
  const DAY = 86400000;
  const REST = 500; // milliseconds after which a day is shown: keys move the slider day by day
  const ID = "day"; // behind the address of a page that the slider led to: there it is used on
  const first = Date.parse(form.dataset.first);
  const field = form.elements.at;
  const iso = (day) => new Date(first + day * DAY).toISOString().slice(0, 10);
  const slider = document.createElement("input");
  let timer = null;
  slider.type = "range";
  slider.id = ID;
  slider.min = 0;
  slider.max = (Date.parse(form.dataset.last) - first) / DAY;
  slider.value = (Date.parse(field.value) - first) / DAY;
  slider.setAttribute("aria-label", "Day");
  slider.setAttribute("aria-valuetext", field.value);
  slider.addEventListener("input", () => {
    field.value = iso(Number(slider.value));
    slider.setAttribute("aria-valuetext", field.value);
    clearTimeout(timer);
  });
  slider.addEventListener("change", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      form.action = `#${ID}`;
      form.requestSubmit();
    }, REST);
  });
  field.addEventListener("input", () => {
    slider.value = (Date.parse(field.value) - first) / DAY;
  });
  form.insertBefore(slider, form.querySelector("button"));
  if (location.hash === `#${ID}`) slider.focus();
}
