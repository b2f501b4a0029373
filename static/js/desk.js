/* Before the first paint: a sidebar that was closed stays closed, so that nothing moves. */
if (localStorage.getItem("django.admin.navSidebarIsOpen") === "false") {
  document.documentElement.classList.add("sidebar-closed");
}
