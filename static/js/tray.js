// The upload tray on every page. The state of each file comes from the server.
const tray = document.querySelector("[data-tray]");
if (tray) begin();

const SOON = 2000;
const LATER = 20000;

function begin() {
  const items = new Map();
  let timer;
  // The upload page reports that a file has arrived.
  addEventListener("uploads", ask);
  addEventListener("visibilitychange", () => document.hidden || ask());
  const details = tray.querySelector("details");
  // On a small screen it would hide the page.
  const wide = matchMedia("(min-width: 45rem)").matches;
  details.open = (sessionStorage.getItem("tray") ?? (wide ? "open" : "closed")) === "open";
  details.addEventListener("toggle", () => sessionStorage.setItem("tray", details.open ? "open" : "closed"));
  ask();

  async function ask() {
    clearTimeout(timer);
    let found = null;
    try {
      const answer = await fetch(tray.dataset.tray, { headers: { Accept: "application/json" } });
      if (answer.redirected || answer.status === 403) return;
      // The page itself shows this file already.
      const sent = new Set([...document.querySelectorAll("[data-id]")].map((each) => each.dataset.id));
      found = (await answer.json()).uploads.filter((upload) => !sent.has(upload.id));
    } catch {
      // The connection is lost for a while: keep what is shown.
    }
    if (found) show(found);
    const moving = [...items.values()].some((item) => item.upload.moving);
    if (items.size && !document.hidden) timer = setTimeout(ask, moving ? SOON : LATER);
  }

  function show(found) {
    const there = new Set(found.map((upload) => upload.id));
    for (const [id, item] of items) {
      if (there.has(id)) continue;
      item.element.remove();
      items.delete(id);
    }
    for (const upload of found) {
      if (!items.has(upload.id)) items.set(upload.id, new Item(upload.id, ask));
      items.get(upload.id).show(upload);
    }
    tray.hidden = !items.size;
    document.body.classList.toggle("with-tray", items.size > 0);
    const moving = found.filter((upload) => upload.moving).length;
    tray.querySelector("[data-count]").textContent = moving ? `· ${moving} on their way` : `· ${found.length}`;
  }
}

class Item {
  constructor(id, ask) {
    this.id = id;
    this.ask = ask;
    this.element = tray.querySelector("template").content.cloneNode(true).firstElementChild;
    for (const button of this.element.querySelectorAll("[data-on-conflict]")) {
      button.addEventListener("click", () => this.keep(button.dataset.onConflict));
    }
    this.find("[data-dismiss]").addEventListener("click", () => this.dismiss());
    tray.querySelector("[data-items]").append(this.element);
  }

  find(selector) {
    return this.element.querySelector(selector);
  }

  show(upload) {
    const before = this.upload?.state;
    this.upload = upload;
    if (upload.state !== "held") this.asked = false;
    this.find("[data-name]").textContent = upload.filename;
    const chip = this.find("[data-chip]");
    chip.textContent = upload.label;
    chip.className = `chip ${upload.state}`;
    if (!this.asked) this.find("[data-text]").textContent = upload.text;
    const bar = this.find("progress");
    bar.hidden = upload.percent === null;
    bar.value = upload.percent ?? 0;
    const link = this.find("[data-open]");
    link.hidden = !upload.page;
    link.href = upload.page ?? "";
    link.textContent = upload.link;
    const name = document.createElement("span");
    name.className = "visually-hidden";
    name.textContent = ` ${upload.filename}`;
    link.append(name);
    this.offer(upload.state === "held" ? (this.asked ? ["new_version", "append", "new_dataset"] : ["refuse"]) : []);
    const dismiss = this.find("[data-dismiss]");
    dismiss.hidden = !upload.dismiss;
    dismiss.textContent = upload.dismiss ?? "";
    dismiss.setAttribute("aria-label", `${upload.dismiss}: ${upload.filename}`);
    if (before && before !== upload.state) {
      tray.querySelector("[data-said]").textContent = `${upload.filename}: ${upload.label}. ${upload.text}`;
    }
  }

  offer(answers) {
    for (const button of this.element.querySelectorAll("[data-on-conflict]")) {
      button.hidden = !answers.includes(button.dataset.onConflict);
      button.setAttribute("aria-label", `${button.textContent}: ${this.upload.filename}`);
    }
  }

  headers(more = {}) {
    return { "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value, Accept: "application/json", ...more };
  }

  async keep(answer) {
    this.find("[data-text]").textContent = "Taking it in…";
    const response = await fetch(`${tray.dataset.uploads}${this.id}/keep`, {
      method: "POST",
      headers: this.headers({ "Content-Type": "application/json" }),
      body: JSON.stringify({ on_conflict: answer }),
    }).catch(() => null);
    if (response?.ok) return this.ask();
    const problem = (await response?.json().catch(() => null)) ?? {};
    this.asked = problem.code === "name-exists";
    this.find("[data-text]").textContent = this.asked
      ? `You already have a dataset named ${problem.dataset_name}.`
      : (problem.detail ?? "The connection was lost. Try again.");
    this.offer(this.asked ? ["new_version", "append", "new_dataset"] : ["refuse"]);
  }

  async dismiss() {
    await fetch(`${tray.dataset.uploads}${this.id}`, {
      method: "DELETE",
      headers: this.headers({ "Tus-Resumable": "1.0.0" }),
    }).catch(() => null);
    this.ask();
  }
}
