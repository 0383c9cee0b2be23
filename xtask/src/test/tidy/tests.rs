use super::*;

fn source(path: &str, text: &str) -> Source {
    Source { path: path.to_owned(), text: text.to_owned() }
}

#[test]
fn a_long_file_is_found_and_its_tests_do_not_count() {
    let long = "// line\n".repeat(401);
    assert_eq!(sizes::too_long(&source("app/src/page.rs", &long)).len(), 1);
    let tested = format!("{}#[cfg(test)]\n{long}", "// line\n".repeat(400));
    assert!(sizes::too_long(&source("app/src/page.rs", &tested)).is_empty());
    assert!(sizes::too_long(&source("tests/it/race.rs", &long)).is_empty());
    assert!(sizes::too_long(&source("migrations/one.sql", &long)).is_empty());
}

#[test]
fn names_that_say_nothing_are_found() {
    assert_eq!(names::banned(&source("app/src/utils/mod.rs", "")).len(), 1);
    assert_eq!(names::banned(&source("worker/src/batch.rs", "fn process_batch() {}")).len(), 1);
    assert!(names::banned(&source("worker/src/process.rs", "fn run_batch() {}")).is_empty());
}

#[test]
fn raw_colours_are_found_where_they_have_no_business() {
    let css = |text: &str| colours::raw(&source("style/button.css", text)).len();
    assert_eq!(css(".a { color: #fff; }"), 1);
    assert_eq!(css(".a { color: oklch(0.5 0.1 270); }"), 1);
    assert_eq!(css(".a { background: rgb(0 0 0 / 0.2); }"), 1);
    assert!(colours::raw(&source("style/tokens.css", "--a: #fff;")).is_empty());
    assert_eq!(colours::raw(&source("app/src/ui/chart.rs", "let fill = \"#1a2b3c\";")).len(), 1);
}

#[test]
fn what_only_looks_like_a_colour_is_left_alone() {
    let css = |text: &str| colours::raw(&source("style/button.css", text));
    assert!(css("#add { color: var(--text); }").is_empty());
    assert!(
        css("/* #fff once */\n.a { color: color-mix(in oklch, var(--accent) 12%, transparent); }").is_empty()
    );
    assert!(css(".a { color: oklch(from var(--accent) l c h / 0.5); }").is_empty());
    assert!(css(".a { mask: url(#face-mask); }").is_empty());
    assert!(colours::raw(&source("app/src/page.rs", "href=\"#add\" // see #123456")).is_empty());
}

#[test]
fn machines_and_networks_are_found() {
    let path = ["/root", "/.cargo"].concat();
    assert_eq!(places::machine(&source("README.md", &path)).len(), 1);
    assert!(places::machine(&source("README.md", "the root/ of the tree")).is_empty());
    let lock = "{ \"resolved\": \"somewhere\" }";
    assert_eq!(places::resolved(&source("end2end/package-lock.json", lock)).len(), 1);
}
