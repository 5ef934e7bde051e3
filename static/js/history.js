// Questions asked in this browser: kept here and nowhere else, for whoever is signed in. They may hold personal
// data, so that they go as soon as a page shows that somebody else is signed in, or nobody.
const key = "questions";
const most = 20;
// Absent on pages that know nothing of their reader, such as those of errors.
const user = document.body.dataset.user;

function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(key));
    if (typeof found?.user === "string" && Array.isArray(found.items)) return found;
  } catch {
    // A browser that keeps nothing, or something else under our name, has no history.
  }
  return { user: "", items: [] };
}

// Newest first, each {question, dataset, name}; dataset and name are "" where all were asked.
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
    // Full or forbidden: the question is asked all the same.
  }
}

export function clear() {
  try {
    localStorage.removeItem(key);
  } catch {
    // Nothing is kept there.
  }
}

if (user !== undefined && kept().user !== user) clear();
