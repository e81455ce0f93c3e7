// What makes pages kinder where scripts run. Everything here also works without it.

const PERSIAN_DIGITS = "۰۱۲۳۴۵۶۷۸۹";

function digits(number) {
  const text = String(number);
  return document.documentElement.lang === "fa" ? text.replace(/\d/g, (digit) => PERSIAN_DIGITS[digit]) : text;
}

// After a refused form the summary of what to mend is read out first.
function focusErrorSummary(root) {
  const summary = root.querySelector?.("[data-error-summary]");
  if (summary) summary.focus();
}

// A link of the summary leads into the field itself, not only beside it.
function focusLinkedField(event) {
  const link = event.target.closest("[data-error-summary] a[href^='#']");
  const target = link && document.getElementById(link.hash.slice(1));
  if (!target) return;
  event.preventDefault();
  const field = target.matches("input, select, textarea") ? target : target.querySelector("input, select, textarea");
  target.closest("details")?.setAttribute("open", "");
  (field ?? target).focus();
  target.scrollIntoView({ block: "center" });
}

function showCount(area) {
  const counter = document.getElementById(`${area.id}_counter`);
  if (!counter) return;
  const left = Number(area.dataset.counter) - [...area.value].length;
  counter.hidden = false;
  counter.textContent = counter.dataset[left < 0 ? "over" : "left"].replace("{count}", digits(Math.abs(left)));
}

function showChosen(form) {
  const boxes = [...form.querySelectorAll("input[name='chosen']")];
  const chosen = boxes.filter((box) => box.checked).length;
  const all = form.querySelector("[data-choose-all]");
  if (all) {
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
  const told = form.querySelector("[data-chosen]");
  if (told) told.textContent = chosen ? told.dataset.chosen.replace("{count}", digits(chosen)) : "";
}

// Persian and Arabic letters are typed in more than one way; the search of skills forgives it.
function folded(text) {
  return text
    .normalize("NFKC")
    .replace(/[يى]/g, "ی")
    .replace(/ك/g, "ک")
    .replace(/[آأإ]/g, "ا")
    .replace(/[\u200c\s]+/g, "")
    .toLowerCase();
}

function filterOptions(box) {
  const picker = box.closest("[data-picker]");
  const needle = folded(box.value);
  for (const group of picker.querySelectorAll("details")) {
    let found = 0;
    for (const option of group.querySelectorAll("[data-option]")) {
      const fits = folded(option.textContent).includes(needle);
      option.hidden = !fits;
      found += fits;
    }
    group.hidden = found === 0;
    if (needle) group.open = found > 0;
  }
}

function prepare(root) {
  root.querySelectorAll("[data-counter]").forEach(showCount);
  root.querySelectorAll("[data-needs-script]").forEach((element) => { element.hidden = false; });
  root.querySelectorAll("form[data-bulk]").forEach(showChosen);
}

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-counter]")) showCount(event.target);
  if (event.target.matches("[data-filter-options]")) filterOptions(event.target);
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-bulk]");
  if (!form) return;
  if (event.target.matches("[data-choose-all]")) {
    form.querySelectorAll("input[name='chosen']").forEach((box) => { box.checked = event.target.checked; });
  }
  showChosen(form);
});

document.addEventListener("click", focusLinkedField);

// A second press on the same button while the first is on its way changes nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
  // An answer that is a file leaves the page as it is; it may be asked for again.
  setTimeout(() => { delete form.dataset.sent; }, 10_000);
});

// A page that comes back from the browser's memory may be sent again.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
});

// A form's own token travels with what htmx sends from its page; pages without forms need no cookie for it.
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector("[name='csrfmiddlewaretoken']");
  if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token.value;
});

// A refusal is a page of its own: what could not be brought in part is opened as a whole.
document.addEventListener("htmx:responseError", (event) => {
  const isPolling = event.detail.elt.getAttribute("hx-trigger")?.startsWith("every");
  const isRead = event.detail.requestConfig.verb === "get";
  if (isRead && !isPolling) location.assign(event.detail.pathInfo.finalRequestPath);
});

// What htmx brings is prepared as well, and what changed is told to who cannot see it.
document.addEventListener("htmx:afterSettle", (event) => {
  prepare(event.target);
  focusErrorSummary(event.target);
  const told = document.getElementById("live");
  const news = event.target.querySelector?.("[data-tell]") ?? (event.target.matches?.("[data-tell]") ? event.target : null);
  if (told && news) told.textContent = news.dataset.tell || news.textContent.trim();
});

prepare(document);
focusErrorSummary(document);
