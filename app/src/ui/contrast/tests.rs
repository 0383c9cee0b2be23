use std::collections::HashMap;

const TOKENS: &str = include_str!("../../../../style/tokens.css");

/// WCAG 2.2, 1.4.3: text.
const TEXT: f64 = 4.5;
/// WCAG 2.2, 1.4.11: edges of controls, marks, areas that say something.
const SHAPE: f64 = 3.0;

#[derive(Clone, Copy, Debug)]
struct Rgb([f64; 3]);

#[derive(Clone, Copy)]
enum Scheme {
    Light,
    Dark,
}

impl Scheme {
    const BOTH: [(Self, &'static str); 2] = [(Self::Light, "light"), (Self::Dark, "dark")];
}

/// Björn Ottosson's OKLab matrices, then the sRGB curve. Colours outside sRGB are clipped, as screens do.
fn oklch([lightness, chroma, hue]: [f64; 3]) -> Rgb {
    let (a, b) = (chroma * hue.to_radians().cos(), chroma * hue.to_radians().sin());
    let l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
    let linear = [
        4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
        -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
        -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s,
    ];
    Rgb(linear.map(|channel| {
        let channel = channel.clamp(0.0, 1.0);
        let curved =
            if channel <= 0.003_130_8 { 12.92 * channel } else { 1.055 * channel.powf(1.0 / 2.4) - 0.055 };
        // What a screen shows has 256 steps.
        (curved * 255.0).round() / 255.0
    }))
}

fn luminance(Rgb(channels): Rgb) -> f64 {
    let [r, g, b] = channels.map(|channel| {
        if channel <= 0.040_45 { channel / 12.92 } else { ((channel + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn ratio(one: Rgb, other: Rgb) -> f64 {
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

struct Tokens(HashMap<String, String>);

impl Tokens {
    /// Reads the first declaration of each custom property: later ones belong to media queries.
    fn read() -> Self {
        let mut tokens = HashMap::new();
        for declaration in TOKENS.split(['{', '}', ';']) {
            let declaration = declaration.rsplit("*/").next().unwrap_or_default().trim();
            if let Some((name, value)) = declaration.split_once(':')
                && let Some(name) = name.trim().strip_prefix("--")
            {
                tokens.entry(name.to_owned()).or_insert_with(|| value.trim().to_owned());
            }
        }
        Self(tokens)
    }

    fn colour(&self, name: &str, scheme: Scheme) -> Rgb {
        let value = self.0.get(name).unwrap_or_else(|| panic!("--{name} is not declared"));
        if let Some(other) = value.strip_prefix("var(--").and_then(|rest| rest.strip_suffix(')')) {
            return self.colour(other, scheme);
        }
        let numbers: Vec<[f64; 3]> = value
            .split("oklch(")
            .skip(1)
            .map(|part| {
                let inside = part.split(')').next().expect("split gives at least one part");
                assert!(!inside.contains('/'), "--{name} is translucent and has no contrast of its own");
                let mut parts = inside.split_whitespace().map(|number| number.parse().expect("a number"));
                std::array::from_fn(|_| parts.next().expect("lightness, chroma and hue"))
            })
            .collect();
        match (numbers.as_slice(), scheme) {
            ([only], _) | ([only, _], Scheme::Light) | ([_, only], Scheme::Dark) => oklch(*only),
            _ => panic!("--{name} is not a colour: {value}"),
        }
    }
}

/// Everything that is read or recognised, on everything it stands on.
fn pairs() -> Vec<(String, String, f64)> {
    let mut pairs: Vec<(String, String, f64)> = Vec::new();
    let mut add = |fronts: &[&str], grounds: &[&str], least: f64| {
        for front in fronts {
            for ground in grounds {
                pairs.push(((*front).to_owned(), (*ground).to_owned(), least));
            }
        }
    };
    let grounds = ["surface", "canvas", "sunken", "hover", "raised"];
    add(&["text", "text-2", "accent-text", "danger-text"], &grounds, TEXT);
    add(&["text-3"], &["surface", "canvas", "sunken", "hover", "raised", "accent-soft"], TEXT);
    add(&["text-2"], &["accent-soft", "caution-soft", "danger-soft", "positive-soft", "unknown-soft"], TEXT);
    add(
        &["text-on-solid"],
        &["accent", "accent-hover", "accent-pressed", "danger-fill", "danger-fill-hover"],
        TEXT,
    );
    for tone in ["accent", "positive", "caution", "danger", "unknown", "neutral"] {
        let (text, soft) = (format!("{tone}-text"), format!("{tone}-soft"));
        add(&[&text], &[&soft, "surface"], TEXT);
        add(&[tone], &["surface"], SHAPE);
    }
    for channel in ["whatsapp", "gmail", "smtp"] {
        let (text, soft) = (format!("{channel}-text"), format!("{channel}-soft"));
        add(&[&text], &[&soft], TEXT);
    }
    for hue in 0..12 {
        let (text, fill) = (format!("hue-{hue}-text"), format!("hue-{hue}-fill"));
        add(&[&text], &[&fill], TEXT);
    }
    add(&["line-control", "focus"], &["surface", "canvas", "sunken"], SHAPE);
    add(&["text-on-solid"], &["line-control"], SHAPE);
    add(&["data-2", "data-3", "data-4"], &["surface"], SHAPE);
    add(&["chat-text", "chat-meta", "chat-link"], &["chat-bubble"], TEXT);
    add(&["chat-text"], &["chat-out"], TEXT);
    add(&["phone-bar-text", "phone-bar-meta"], &["chat-bar"], TEXT);
    add(&["stage-text", "stage-text-2", "stage-text-3"], &["stage-far", "stage-near"], TEXT);
    add(&["brass-1", "brass-2"], &["stage-far"], SHAPE);
    // The chosen filter is drawn in the colour of text, with words in the colour of the surface.
    add(&["surface"], &["text"], TEXT);
    pairs
}

#[test]
fn every_pair_reaches_its_contrast_in_light_and_dark() {
    let tokens = Tokens::read();
    let mut short = Vec::new();
    for (front, ground, least) in pairs() {
        for (scheme, name) in Scheme::BOTH {
            let found = ratio(tokens.colour(&front, scheme), tokens.colour(&ground, scheme));
            if found < least {
                short.push(format!("{front} on {ground}, {name}: {found:.2} < {least}"));
            }
        }
    }
    assert!(short.is_empty(), "{}", short.join("\n"));
}

/// The documented values: if one of these moves, the table in the design language is no longer true.
#[test]
fn the_computation_agrees_with_the_documented_table() {
    let tokens = Tokens::read();
    for (front, ground, light, dark) in [
        ("text", "surface", 17.07, 15.74),
        ("text-3", "canvas", 5.22, 6.89),
        ("text-on-solid", "accent", 6.72, 4.92),
        ("caution-text", "caution-soft", 6.06, 9.00),
        ("unknown-text", "unknown-soft", 6.57, 8.00),
        ("line-control", "surface", 3.30, 3.63),
        ("caution", "surface", 3.24, 8.77),
        ("chat-link", "chat-bubble", 6.69, 8.40),
    ] {
        for (scheme, expected) in [(Scheme::Light, light), (Scheme::Dark, dark)] {
            let found = ratio(tokens.colour(front, scheme), tokens.colour(ground, scheme));
            assert!(
                (found - expected).abs() < 0.06,
                "{front} on {ground}: {found:.2}, documented {expected}"
            );
        }
    }
}

#[test]
fn black_on_white_is_twenty_one() {
    let white = oklch([1.0, 0.0, 0.0]);
    let black = oklch([0.0, 0.0, 0.0]);
    assert!((ratio(white, black) - 21.0).abs() < 0.01);
}
