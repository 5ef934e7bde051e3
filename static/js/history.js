// Questions asked in this browser: stored here only, for the signed-in user. They may contain personal
// data, so they are removed as soon as a page shows another user, or nobody.
const key = "questions";
const most = 20;
// Missing on pages without a reader, such as error pages.
const user = document.body.dataset.user;

function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(key));
    if (typeof found?.user === "string" && Array.isArray(found.items)) return found;
  } catch {
    // If the browser stores nothing, or something else under our name, there is no history.
  }
  return { user: "", items: [] };
}

// Newest first, each {question, dataset, name}; dataset and name are "" if all were asked.
export function past() {
  const found = kept();
  return user && found.user === user ? found.items : [];
}

export function remember(question, dataset, name) {
  if (!user) return;
  const others = past().filter((item) => item.question !== question || item.dataset !== dataset);
  const items = [{ question, dataset, name }, ...others].slice(0, most);
  try {
    localStorage.setItem(key, JSON.stringify({ user, items }));
  } catch {
    // Full or forbidden: the question is asked anyway.
  }
}

export function clear() {
  try {
    localStorage.removeItem(key);
  } catch {
    // Nothing is stored.
  }
}

if (user !== undefined && kept().user !== user) clear();
