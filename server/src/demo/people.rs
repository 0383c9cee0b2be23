//! The people of the demonstration, as the file they would come in.

use std::fmt::Write;

const FIRST: [&str; 24] = [
    "Ana", "Duarte", "Inês", "Tiago", "Marta", "Rui", "Sofia", "Miguel", "Larissa", "Otávio", "Beatriz",
    "João", "Clara", "Nuno", "Helena", "Paulo", "Teresa", "Vasco", "Joana", "Gonçalo", "Rita", "Afonso",
    "Lúcia", "Hugo",
];
const LAST: [&str; 21] = [
    "Almeida",
    "Barros",
    "Carvalho",
    "Duarte",
    "Esteves",
    "Ferreira",
    "Gomes",
    "Henriques",
    "Leal",
    "Lopes",
    "Martins",
    "Neves",
    "Oliveira",
    "Pereira",
    "Queirós",
    "Ramos",
    "Santos",
    "Teixeira",
    "Vaz",
    "Xavier",
    "Zarco",
];
const CITIES: [&str; 7] = ["Porto", "Lisboa", "Braga", "Coimbra", "Aveiro", "Faro", "Évora"];
const COFFEES: [&str; 5] = ["Serra Negra", "Guji", "Huila", "Antigua", "Yirgacheffe"];

/// A file of this many people, from a position on, so that two lists share nobody. Most of them opted in; a few did
/// not, so that there is somebody to leave out.
pub fn csv(from: u32, people: u32) -> String {
    let mut text = String::from("Name,Mobile,City,Points,Favourite,Newsletter\n");
    for n in from..from + people {
        let pick = |list: &[&'static str], step: u32| list[(n / step) as usize % list.len()];
        // Portuguese mobile numbers; multiplying by a number without factors of ten scatters them without repeating one.
        let number = 1_000_000 + (u64::from(n) * 7_919 + 13) % 8_999_999;
        let newsletter = if n % 37 == 5 { "no" } else { "yes" };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{} {},91 {:03} {:04},{},{},{},{newsletter}",
            pick(&FIRST, 1),
            pick(&LAST, 24),
            number / 10_000,
            number % 10_000,
            pick(&CITIES, 3),
            20 + (n * 7) % 280,
            pick(&COFFEES, 5),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn nobody_shares_a_number() {
        let text = csv(0, 60_000);
        let numbers: BTreeSet<&str> =
            text.lines().skip(1).filter_map(|line| line.split(',').nth(1)).collect();
        assert_eq!(numbers.len(), 60_000);
    }
}
