// A job's progress: numbered events over a socket, replayed after the last one seen. Polled if no socket opens.
const page = document.querySelector("[data-job]");
const log = page.querySelector("[data-log]");
const steps = [...page.querySelectorAll("[data-step]")];
const id = page.dataset.job;
const words = { queued: "waiting", running: "running", succeeded: "done", failed: "failed", cancelled: "cancelled" };
let last = Number(page.dataset.last);
let state = page.dataset.state;
let pause = 500;

const isOpen = () => state === "queued" || state === "running";
const number = new Intl.NumberFormat("en");

function showSteps(step) {
  const current = steps.findIndex((item) => item.dataset.step === step);
  steps.forEach((item, place) => {
    const done = state === "succeeded" || place < current;
    const failed = place === current && (state === "failed" || state === "cancelled");
    item.className = done ? "done" : failed ? "failed" : place === current ? "current" : "";
    item.querySelector(".mark").textContent = done ? "✓" : failed ? "!" : "";
    if (place === current && isOpen()) item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
  });
}

function showRows(event) {
  const box = page.querySelector("[data-rows]");
  box.hidden = !event.rows_total || !isOpen();
  if (box.hidden) return;
  const bar = box.querySelector("progress");
  bar.max = event.rows_total;
  bar.value = event.rows_done ?? 0;
  box.querySelector("[data-rows-text]").textContent =
    `${number.format(event.rows_done ?? 0)} of ${number.format(event.rows_total)} rows`;
}

function showState() {
  const chip = document.querySelector("[data-job-state]");
  chip.className = `chip ${state}`;
  chip.textContent = words[state];
  for (const [name, shown] of [["done", "succeeded"], ["failed", "failed"], ["cancelled", "cancelled"]]) {
    page.querySelector(`[data-${name}]`).hidden = state !== shown;
  }
  page.querySelectorAll("[data-open]").forEach((form) => (form.hidden = !isOpen()));
  if (state !== "queued") page.querySelector("[data-waits]").hidden = true;
}

function take(event) {
  if (event.number <= last) return;
  last = event.number;
  state = event.state;
  showSteps(event.step);
  showRows(event);
  showState();
  if (!event.message) return;
  const line = document.createElement("li");
  line.dataset.number = event.number;
  for (const text of [event.number, new Date(event.at).toISOString().slice(11, 19), event.message]) {
    const part = document.createElement("span");
    part.textContent = text;
    line.append(part);
  }
  line.children[0].className = line.children[1].className = "quiet";
  log.append(line);
  page.querySelector("[data-status]").textContent = event.message;
  if (state === "failed") page.querySelector("[data-error]").textContent = event.message;
}

function connection(text) {
  page.querySelector("[data-connection]").textContent = text;
}

async function poll() {
  const response = await fetch(`${page.dataset.events}?after=${last}`, { headers: { Accept: "application/json" } });
  if (!response.ok) return;
  const found = await response.json();
  (found.events ?? found.results ?? []).forEach(take);
}

function listen() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}/ws/jobs/${id}/?after=${last}`);
  socket.addEventListener("open", () => {
    pause = 500;
    connection("Live");
  });
  socket.addEventListener("message", ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === "event") take(message);
  });
  socket.addEventListener("close", ({ code }) => {
    if (code === 4401) location.reload();
    if (code >= 4400 || (code === 1000 && !isOpen())) return connection("");
    connection("The connection was lost. Going on as soon as it is back; nothing is missed.");
    poll().catch(() => {});
    setTimeout(listen, pause);
    pause = Math.min(pause * 2, 15000);
  });
}

showSteps(page.dataset.step);
if (isOpen()) listen();
