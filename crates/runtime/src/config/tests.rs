use super::*;

fn with(environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::load(None, environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

fn only_problem(environment: &[(&str, &str)]) -> Problem {
    let mut problems = with(environment).expect_err("these settings are wrong").problems;
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems.remove(0)
}

/// Base64 of 32 zero bytes.
const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

#[test]
fn the_committed_file_works_as_it_is() {
    let config = with(&[]).expect("the defaults are complete");
    assert_eq!(config.server.listen, SocketAddr::from(([127, 0, 0, 1], 8080)));
    assert_eq!(config.server.public_url.origin(), "http://127.0.0.1:8080");
    assert_eq!(config.worker.settlement, Duration::from_secs(24 * 3600));
    assert_eq!(config.log.format, LogFormat::Json);
    assert!(config.server.setup_token.is_none());
}

#[test]
fn every_key_is_explained_in_the_committed_file() {
    for (key, _) in KEYS {
        let name = key.rsplit('.').next().expect("a key has a name");
        let explained = DEFAULTS.lines().any(|line| {
            line.trim_start_matches("# ").starts_with(&format!("{name} =")) || line == "# [secrets.keys]"
        });
        assert!(explained, "{key} is missing from fanfare.toml");
    }
}

#[test]
fn the_environment_wins_and_long_numbers_stay_texts() {
    let config = with(&[
        ("FANFARE_SERVER__LISTEN", "0.0.0.0:80"),
        ("FANFARE_WHATSAPP__APP_ID", "0001000000000000000001"),
        ("FANFARE_SECRETS__KEYS__K1", KEY),
        ("FANFARE_CONFIG", "elsewhere.toml"),
        ("FANFARISH", "somebody else's"),
    ])
    .expect("these settings are right");
    assert_eq!(config.server.listen, SocketAddr::from(([0, 0, 0, 0], 80)));
    assert_eq!(config.whatsapp.app_id.as_deref(), Some("0001000000000000000001"));
    assert_eq!(config.secrets.keys["k1"].expose(), &[0; 32]);
    config.require_secrets().expect("the active key is there");
}

#[test]
fn an_unknown_key_is_named_with_its_neighbours() {
    let problem = only_problem(&[("FANFARE_SERVER__LISTN", "0.0.0.0:80")]);
    assert_eq!(problem.key, "server.listn");
    assert!(problem.sentence.contains("server.listen"), "{}", problem.sentence);
    assert!(!problem.sentence.contains("database.url"), "{}", problem.sentence);
}

#[test]
fn a_wrong_value_says_what_would_be_right() {
    let problem = only_problem(&[("FANFARE_SERVER__LISTEN", "everywhere")]);
    assert!(problem.sentence.contains("FANFARE_SERVER__LISTEN"), "{}", problem.sentence);
    assert!(problem.sentence.contains("127.0.0.1:8080"), "{}", problem.sentence);
    assert_eq!(
        only_problem(&[("FANFARE_SERVER__PUBLIC_URL", "https://a.example/sub")]).key,
        "server.public_url"
    );
    assert_eq!(only_problem(&[("FANFARE_DATABASE__MAX_CONNECTIONS", "0")]).key, "database.max_connections");
    assert_eq!(only_problem(&[("FANFARE_WHATSAPP__GRAPH_VERSION", "24")]).key, "whatsapp.graph_version");
}

#[test]
fn every_mistake_is_reported_at_once() {
    let error =
        with(&[("FANFARE_SERVER__LISTEN", "x"), ("FANFARE_LOG__FORMAT", "xml"), ("FANFARE_NOPE", "1")]);
    assert_eq!(error.expect_err("three mistakes").problems.len(), 3);
}

#[test]
fn a_missing_or_broken_key_says_how_to_make_one() {
    let error = with(&[]).expect("defaults").require_secrets().expect_err("no key is set");
    assert!(error.to_string().contains("FANFARE_SECRETS__KEYS__K1"), "{error}");
    let problem = only_problem(&[("FANFARE_SECRETS__KEYS__K1", "c2hvcnQ=")]);
    assert!(problem.sentence.contains("openssl rand"), "{}", problem.sentence);
    assert!(!problem.sentence.contains("c2hvcnQ="), "a secret is repeated: {}", problem.sentence);
}

#[test]
fn debug_shows_no_secret() {
    let config = with(&[
        ("FANFARE_DATABASE__URL", "postgres://u:hunter2@h/d"),
        ("FANFARE_SECRETS__KEYS__K1", KEY),
        ("FANFARE_WHATSAPP__APP_SECRET", "hunter2"),
        ("FANFARE_SERVER__SETUP_TOKEN", "hunter2hunter2"),
    ])
    .expect("these settings are right");
    let shown = format!("{config:?}");
    assert!(!shown.contains("hunter2") && !shown.contains(KEY), "{shown}");
}

#[test]
fn an_address_is_split_as_browsers_write_it() {
    let url = PublicUrl::parse("https://Fanfare.Example:443/").expect("an address");
    assert_eq!(
        (url.origin(), url.host(), url.is_https()),
        ("https://fanfare.example", "fanfare.example", true)
    );
    assert_eq!(url.join("/login"), "https://fanfare.example/login");
    let url = PublicUrl::parse("http://127.0.0.1:8080").expect("an address");
    assert_eq!(url.host(), "127.0.0.1:8080");
    assert_eq!(PublicUrl::parse("ftp://fanfare.example"), None);
}
