//! Words by which people opt out.

/// Messages that mean "stop sending me this", whole and in lower case, without punctuation around them.
///
/// Only whole messages count: "do not stop" and "stop by tomorrow?" are conversation. Words for "cancel" are left out:
/// they answer a reminder of an appointment as well.
#[rustfmt::skip]
const STOP_WORDS: &[&str] = &[
    // English, and what carriers made known everywhere
    "stop", "stop all", "stopall", "stop promotions", "unsubscribe", "opt out", "opt-out", "optout",
    "remove me",
    // Portuguese
    "parar", "pare", "sair", "remover", "descadastrar", "cancelar subscrição", "cancelar inscrição",
    "parar promoções", "pare promoções",
    // Spanish, Catalan
    "baja", "dar de baja", "darme de baja", "detener", "alto", "salir", "cancelar suscripción",
    "detener promociones", "baixa",
    // French
    "arret", "arrêt", "arrêter", "arreter", "désabonner", "desabonner", "se désabonner", "désinscrire",
    // German, Dutch, Scandinavian
    "stopp", "abmelden", "abbestellen", "afmelden", "uitschrijven", "stoppen", "avsluta", "avregistrera",
    "avmeld", "afmeld", "lopeta",
    // Italian, Romanian
    "cancellami", "disiscrivimi", "dezabonare", "dezabonează",
    // Polish, Czech, Slovak, Hungarian, Turkish
    "rezygnuję", "rezygnuje", "wypisz", "odhlásit", "odhlásiť", "leiratkozás", "leiratkozom", "dur", "çık",
    "ret",
    // Russian, Ukrainian, Greek
    "стоп", "отписаться", "отписка", "відписатися", "διακοπή", "διαγραφή",
    // Arabic, Hebrew, Hindi, Indonesian
    "توقف", "إيقاف", "הסר", "הסרה", "रोकें", "बंद", "berhenti",
    // Chinese, Japanese, Korean
    "停止", "退订", "退訂", "取消订阅", "配信停止", "수신거부",
];

/// Whether a whole inbound message asks us to stop: trimmed, in any case, in any of the languages known here.
pub fn is_stop_word(text: &str) -> bool {
    // Nothing in the list is longer; a long message is conversation.
    if text.len() > 80 {
        return false;
    }
    let trimmed = text.trim_matches(|c: char| c.is_whitespace() || "\"'.!,;:*_«»“”‘’()[]".contains(c));
    let words = trimmed.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    STOP_WORDS.contains(&words.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn these_messages_stop_us() {
        for text in [
            "STOP",
            " stop. ",
            "Stop!",
            "UNSUBSCRIBE",
            "Parar",
            "SAIR",
            "BAJA",
            "Dar  de baja",
            "STOPP",
            "ARRÊT",
            "“Stop”",
            "СТОП",
            "RET",
            "退订",
        ] {
            assert!(is_stop_word(text), "{text}");
        }
    }

    #[test]
    fn these_do_not() {
        for text in [
            "",
            "don't stop",
            "stop by tomorrow?",
            "baja california",
            "stopwatch",
            "unsubscribed?",
            "Cancelar",
            &"stop ".repeat(40),
        ] {
            assert!(!is_stop_word(text), "{text}");
        }
    }

    #[test]
    fn the_list_is_in_the_form_it_is_compared_in() {
        for word in STOP_WORDS {
            assert!(is_stop_word(word), "{word}");
        }
    }
}
