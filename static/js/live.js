// Refreshes parts of the page marked as live, as long as something is in progress.
const parts = () => [...document.querySelectorAll("[data-live]")];
if (parts().length) setTimeout(look, 3000);

async function look() {
  const moving = document.querySelector("[data-moving]") !== null;
  try {
    if (!document.hidden) await refresh();
  } catch {
    // The connection may be back at the next attempt.
  }
  setTimeout(look, moving ? 3000 : 15000);
}

async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of parts()) {
    const fresh = page.querySelector(`[data-live="${part.dataset.live}"]`);
    // Do not replace what somebody is using.
    if (!fresh || fresh.innerHTML === part.innerHTML || part.contains(document.activeElement)) continue;
    part.replaceChildren(...document.importNode(fresh, true).childNodes);
  }
}
