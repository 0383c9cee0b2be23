use super::*;

fn plain(text: &str) -> Piece {
    Piece { text: text.into(), personal: false, style: Style::default() }
}

fn line(text: &str) -> Vec<Piece> {
    let mut all = paragraphs(&[Run::fixed(text)]);
    assert_eq!(all.len(), 1);
    all.remove(0).remove(0)
}

#[test]
fn a_variable_inside_bold_is_bold_and_personal() {
    let runs = [Run::fixed("*Olá "), Run::personal("Duarte"), Run::fixed(", chegou.* Até já")];
    let bold = Style { bold: true, ..Style::default() };
    assert_eq!(
        paragraphs(&runs),
        vec![vec![vec![
            Piece { text: "Olá ".into(), personal: false, style: bold },
            Piece { text: "Duarte".into(), personal: true, style: bold },
            Piece { text: ", chegou.".into(), personal: false, style: bold },
            plain(" Até já"),
        ]]]
    );
}

#[test]
fn marks_need_words_around_which_they_stand() {
    for text in ["2 * 3 * 4", "snake_case_name", "a*b*c", "** nothing **", "*open", "_", "~ ~", "*\n*"] {
        for piece in paragraphs(&[Run::fixed(text)]).into_iter().flatten().flatten() {
            assert_eq!(piece.style, Style::default(), "{text}");
        }
    }
}

#[test]
fn styles_nest_and_code_does_not() {
    let both = Style { bold: true, italic: true, ..Style::default() };
    assert_eq!(line("*_both_*"), vec![Piece { text: "both".into(), personal: false, style: both }]);
    let mono = Style { mono: true, ..Style::default() };
    assert_eq!(line("`a *b* c`"), vec![Piece { text: "a *b* c".into(), personal: false, style: mono }]);
    assert_eq!(line("~old~ new")[1], plain(" new"));
}

#[test]
fn a_fence_may_span_lines() {
    let all = paragraphs(&[Run::fixed("```one\ntwo```")]);
    assert_eq!(all[0].len(), 2);
    assert!(all[0].iter().flatten().all(|piece| piece.style.mono));
}

#[test]
fn empty_lines_divide_paragraphs() {
    let all = paragraphs(&[Run::fixed("one\ntwo\n\n\nthree\n")]);
    assert_eq!(all.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(paragraphs(&[]), Vec::<Vec<Vec<Piece>>>::new());
}

#[test]
fn no_text_is_lost_except_the_marks() {
    for text in ["*a* _b_ ~c~ `d`", "*a _b* c_", "x``` y", "***", "*a**b*", "ação *é* 🎺"] {
        let shown: String =
            paragraphs(&[Run::fixed(text)]).into_iter().flatten().flatten().map(|piece| piece.text).collect();
        let without = |s: &str| s.chars().filter(|c| !"*_~`".contains(*c)).collect::<String>();
        assert_eq!(without(&shown), without(text), "{text}");
    }
}
