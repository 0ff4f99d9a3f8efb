// Every page works without this: forms post, links go. With it: keys, a question before money moves, sums of what is chosen.

const page = document.documentElement;
page.classList.add("has-script");

const rows = () => [...document.querySelectorAll("[data-row]")];
const here = () => rows().find((row) => row.contains(document.activeElement)) ?? document.querySelector("[data-row].is-here");
const typing = (target) => target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");

function step(by) {
  const all = rows();
  if (!all.length) return;
  const current = all.indexOf(here());
  const next = all[current < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(current + by, 0), all.length - 1)];
  all.forEach((row) => row.classList.toggle("is-here", row === next));
  next.querySelector("[data-link]")?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function press(key) {
  const chosen = document.querySelectorAll("input[name=ids]:checked").length;
  const verdict = key === "a" ? "approve" : "reject";
  const bulk = chosen ? document.querySelector(`[data-bulk][name=${verdict}]`) : null;
  const row = here() ?? (rows().length === 1 ? rows()[0] : null);
  const button = bulk ?? row?.querySelector(`[data-key=${key}]`);
  if (button?.closest(".decide")) return button.click();
  const next = button ?? document.querySelector(`[data-key=${key}]`);
  const empty = [...(next?.form?.elements ?? [])].find((field) => field.required && !field.value);
  (empty ?? next)?.focus();
}

function pick() {
  here()?.querySelector("input[type=checkbox]")?.click();
}

const places = { t: "", p: "proposals", b: "purchases", o: "orders", s: "stock", i: "prices", l: "ledger" };
let going = 0;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && typing(event.target)) event.target.blur();
  if (typing(event.target)) return;
  if (event.timeStamp - going < 1000 && event.key in places) {
    going = 0;
    document.querySelector(`.rail__link[href$='/console/${places[event.key]}']`)?.click();
    return event.preventDefault();
  }
  const action = {
    j: () => step(1),
    k: () => step(-1),
    x: pick,
    a: () => press("a"),
    r: () => press("r"),
    u: () => press("u"),
    g: () => (going = event.timeStamp),
    "/": () => document.querySelector(".find__field")?.select(),
    "?": () => document.getElementById("keys").showModal(),
  }[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

for (const button of document.querySelectorAll("[data-open]")) {
  button.hidden = false;
  button.addEventListener("click", () => document.getElementById(button.dataset.open).showModal());
}

// Before money moves: what, how much, why; Enter says yes.
const sheet = document.getElementById("confirm");

function ask(button, form) {
  const chosen = [...form.querySelectorAll("input[name=ids]:checked")];
  const bulk = "bulk" in button.dataset;
  const reason = form.elements.reason;
  const field = sheet.querySelector("[data-reason]");
  sheet.querySelector("h2").textContent = button.dataset.title;
  sheet.querySelector("[data-what]").textContent = bulk ? `${together.dataset.word} ${chosen.length}` : button.dataset.what;
  sheet.querySelector("[data-cost]").textContent = bulk ? sumOf(chosen) : (button.dataset.cost ?? "");
  const yes = sheet.querySelector("[data-yes]");
  yes.textContent = button.textContent.trim();
  yes.classList.toggle("button--danger", button.name === "reject");
  field.value = reason?.value ?? "";
  const answer = () => {
    const input = reason ?? form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name: "reason" }));
    input.value = field.value;
    sheet.close();
    form.dataset.sure = "yes";
    form.requestSubmit(button);
  };
  yes.onclick = answer;
  field.onkeydown = (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      answer();
    }
  };
  sheet.querySelector("[data-no]").onclick = () => sheet.close();
  sheet.showModal();
  (button.name === "reject" ? field : yes).focus();
}

for (const form of document.querySelectorAll("form.decide")) {
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (form.dataset.sure || !button?.dataset.title) {
      return;
    }
    event.preventDefault();
    ask(button, form);
  });
}

// What is chosen, and what it comes to.
const together = document.querySelector("[data-together]");
const money = (amount) => {
  const sample = document.querySelector(".heading__lead .money, .heading .money")?.textContent ?? "0 DA";
  const sign = sample.replace(/[\d.,\s\u202f\u00a0\u2212-]/g, "");
  const grouped = Math.round(amount).toString().replace(/\B(?=(\d{3})+$)/g, page.lang === "en" ? "," : "\u202f");
  return `${grouped}\u202f${sign}`;
};
const sumOf = (boxes) => money(boxes.reduce((sum, box) => sum + Number(box.dataset.amount), 0));

if (together) {
  const boxes = [...document.querySelectorAll("input[name=ids]")];
  const all = document.querySelector("[data-all]");
  const show = () => {
    const chosen = boxes.filter((box) => box.checked);
    together.hidden = chosen.length === 0;
    together.querySelector("[data-count]").hidden = false;
    together.querySelector("[data-chosen]").textContent = chosen.length;
    together.querySelector("[data-sum]").textContent = sumOf(chosen);
    all.checked = chosen.length === boxes.length;
    all.indeterminate = chosen.length > 0 && !all.checked;
  };
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    show();
  });
  for (const box of boxes) box.addEventListener("change", show);
  addEventListener("pageshow", show);
  show();
}

for (const field of document.querySelectorAll("[data-submits]")) {
  field.addEventListener("change", () => field.form.requestSubmit());
}

const more = document.querySelector(".more");
document.addEventListener("click", (event) => {
  if (more?.open && !more.contains(event.target)) more.open = false;
});

for (const button of document.querySelectorAll("[data-copy]")) {
  const text = document.getElementById(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", async () => {
    text.select();
    try {
      await navigator.clipboard.writeText(text.value);
      button.textContent = button.dataset.done;
    } catch {
      text.focus();
    }
  });
}

// What a point of a drawing stands for, beside the pointer.
for (const figure of document.querySelectorAll("[data-tips]")) {
  const tip = figure.appendChild(Object.assign(document.createElement("p"), { className: "tip", hidden: true }));
  figure.addEventListener("pointermove", (event) => {
    const words = event.target.closest?.("a")?.querySelector("[aria-label]")?.getAttribute("aria-label");
    tip.hidden = !words;
    if (!words) return;
    tip.textContent = words;
    const box = figure.getBoundingClientRect();
    const left = Math.min(event.clientX - box.left + 12, box.width - tip.offsetWidth - 8);
    tip.style.insetInlineStart = "auto";
    tip.style.left = `${Math.max(left, 8)}px`;
    tip.style.top = `${event.clientY - box.top + 16}px`;
  });
  figure.addEventListener("pointerleave", () => (tip.hidden = true));
}
