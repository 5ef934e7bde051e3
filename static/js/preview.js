// The preview page: corrections are shown at once.
const form = document.querySelector("[data-preview]");
const body = form.querySelector("[data-body]");
const status = form.querySelector("[data-status]");
let turn = 0;

form.addEventListener("change", (event) => {
  // Descriptions do not change the preview; they are sent when the file is kept.
  if (!event.target.closest("[data-quiet]")) again(event.target);
});

// Enter in a field refreshes the preview; only the button uploads the file.
form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("input:not([type=checkbox], [type=radio])")) return;
  event.preventDefault();
  again(event.target);
});

async function again(changed) {
  const mine = ++turn;
  status.textContent = "Reading it so…";
  body.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(location.href, {
      method: "POST",
      body: new FormData(form),
      headers: { "X-Fragment": "1", Accept: "text/html" },
    });
    if (mine !== turn) return;
    if (answer.redirected) return location.assign(answer.url);
    if (answer.status !== 200 && answer.status !== 422) throw new Error("server");
    show(await answer.text(), changed);
    status.textContent = body.querySelector("[role=alert]") ? "It cannot be read so." : "This is how it would be now.";
  } catch {
    status.textContent = "The file could not be read again. Change something to retry.";
  }
  if (mine === turn) body.removeAttribute("aria-busy");
}

function show(html, changed) {
  const held = document.activeElement;
  const opened = [...body.querySelectorAll("details")].map((each) => each.open);
  const across = body.querySelector(".limited")?.scrollLeft ?? 0;
  const asked = `[name="${CSS.escape((body.contains(held) && held.name) || changed.name)}"]`;
  body.innerHTML = html;
  [...body.querySelectorAll("details")].forEach((each, place) => (each.open = opened[place] ?? false));
  if (body.querySelector(".limited")) body.querySelector(".limited").scrollLeft = across;
  const next = body.querySelector(`${asked}:checked`) ?? body.querySelector(asked);
  next?.focus({ preventScroll: true });
}
