// Asks without leaving the page: shows each step as it happens, then the answer.
import { clear, past, remember } from "./history.js";

const box = document.querySelector("[data-asking]");
const form = box.querySelector("[data-ask]");
const question = form.querySelector("textarea");
const dataset = form.querySelector("select");
const result = document.querySelector("[data-result]");
// Faster answers are shown at once, without progress messages (milliseconds).
const patience = 1000;
let running = null;

const part = (name) => box.querySelector(`[data-${name}]`);

document.addEventListener("submit", (event) => {
  const sent = event.target;
  if (!sent.matches("[data-ask], [data-again]")) return;
  event.preventDefault();
  ask(new URLSearchParams(new FormData(sent, event.submitter)));
});

question.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});

part("cancel").addEventListener("click", () => running?.abort());

async function ask(wish) {
  running?.abort();
  const control = (running = new AbortController());
  // A question that continues an answer, or chooses its meaning, is not complete by itself.
  const alone = !wish.has("before") && !wish.has("again");
  if (alone) {
    question.value = wish.get("question");
    dataset.value = wish.get("dataset") ?? "";
  }
  busy(true);
  const timer = setTimeout(showWork, patience);
  try {
    const answer = await answerTo(wish, control.signal);
    result.innerHTML = answer;
    if (alone) remember(wish.get("question"), dataset.value, nameOf(dataset.value));
    showPast();
    showAddress();
    say("The answer is there.");
    result.querySelector("#answer").focus();
  } catch (error) {
    if (running !== control) return; // another question took its place
    if (error.name === "AbortError") say("Cancelled.");
    else complain(error);
  } finally {
    clearTimeout(timer);
    if (running === control) busy(false);
  }
}

// An answer has an address of its own, without any word of the question.
function showAddress() {
  const address = result.querySelector("[data-address]")?.dataset.address;
  if (address && address !== location.pathname) history.pushState(null, "", address);
}

addEventListener("popstate", () => location.reload());

document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-copy]");
  if (!link || !navigator.clipboard || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const told = result.querySelector("[data-copied]");
  try {
    await navigator.clipboard.writeText(link.href);
    told.textContent = "Copied. Whoever opens it sees what they may see.";
  } catch {
    location.assign(link.href);
  }
});

// The answer's HTML. Throws Refusal with the text for people.
async function answerTo(wish, signal) {
  const headers = { Accept: "application/x-ndjson, application/json" };
  let response;
  try {
    response = await fetch(box.dataset.stream, { method: "POST", body: wish, headers, signal });
    if (!response.ok) throw await refusal(response);
    for await (const event of lines(response.body)) {
      if (event.type === "answer") return event.html;
      if (event.type === "error") throw new Refusal(event.message);
      tell(event.message);
    }
  } catch (error) {
    if (error instanceof Refusal || error.name === "AbortError") throw error;
  }
  throw new Refusal("The connection was lost before the answer came. Ask again.");
}

class Refusal extends Error {
  constructor(message, signedOut = false) {
    super(message);
    this.signedOut = signedOut;
  }
}

async function refusal(response) {
  const problem = await response.json().catch(() => ({}));
  const wait = response.headers.get("Retry-After");
  const message = problem.detail ?? `The question was refused (${response.status}). Load the page again.`;
  const told = response.status === 429 && wait ? `${message} Try again in ${wait} s.` : message;
  return new Refusal(told, response.status === 401);
}

async function* lines(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n");
    rest = parts.pop();
    for (const line of parts) if (line) yield JSON.parse(line);
  }
}

function tell(message) {
  const line = document.createElement("li");
  line.textContent = message;
  part("steps").append(line);
  // Screen readers hear it only if the answer takes a while.
  if (!part("working").hidden) say(message);
}

function showWork() {
  part("working").hidden = false;
  say(part("steps").lastElementChild?.textContent ?? "Working on the answer…");
}

function say(message) {
  part("status").textContent = message;
}

function complain(error) {
  const note = document.createElement("div");
  note.className = "notice error";
  note.setAttribute("role", "alert");
  const text = document.createElement("p");
  text.textContent = error.message;
  if (error.signedOut) {
    const link = document.createElement("a");
    link.href = box.dataset.signIn;
    link.textContent = "Sign in";
    text.append(" ", link);
  }
  note.append(text);
  document.querySelector("[data-problem]").replaceChildren(note);
  say("");
}

function busy(is) {
  form.querySelector("button:not([type])").disabled = is;
  part("cancel").hidden = !is;
  box.setAttribute("aria-busy", String(is));
  result.classList.toggle("stale", is);
  if (is) {
    document.querySelector("[data-problem]").replaceChildren();
    part("steps").replaceChildren();
    say("Working on the answer…");
  } else {
    part("working").hidden = true;
  }
}

// --- Earlier questions, and examples -----------------------------------------------------

function nameOf(id) {
  return id ? [...dataset.options].find((option) => option.value === id)?.text ?? "" : "";
}

// Of the chosen dataset, or of all. Datasets that are no longer shared are left out.
function showPast() {
  const known = new Set([...dataset.options].map((option) => option.value));
  const items = past().filter((item) => known.has(item.dataset) && (!dataset.value || item.dataset === dataset.value));
  part("history").hidden = items.length === 0;
  part("past").replaceChildren(...items.map(pastItem));
}

function pastItem(item) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "chip ask";
  button.textContent = item.question;
  if (item.dataset && !dataset.value) {
    const about = document.createElement("span");
    about.className = "about";
    about.textContent = item.name;
    button.append(" ", about);
  }
  button.addEventListener("click", () => {
    dataset.value = item.dataset;
    question.value = item.question;
    form.requestSubmit();
  });
  const line = document.createElement("li");
  line.append(button);
  return line;
}

part("clear").addEventListener("click", () => {
  clear();
  showPast();
  say("The questions are forgotten.");
  question.focus();
});

async function showExamples() {
  const wanted = dataset.value;
  const response = await fetch(`${box.dataset.examplesOf}?dataset=${encodeURIComponent(wanted)}`).catch(() => null);
  if (response?.ok && !response.redirected && dataset.value === wanted) {
    part("examples").innerHTML = await response.text();
  }
}

dataset.addEventListener("change", () => {
  showPast();
  showExamples();
});

// Another tab may have cleared it or signed out, and a page from the browser's cache may be outdated.
addEventListener("storage", showPast);
addEventListener("pageshow", () => {
  if (!running) busy(false);
  showPast();
});
if (question.value.trim() && location.pathname === box.dataset.page && result.querySelector("[data-answer]")) {
  remember(question.value.trim(), dataset.value, nameOf(dataset.value));
}
showPast();
// For a large dataset they are fetched after the page is shown.
if (dataset.value && !part("examples").querySelector("form")) showExamples();
