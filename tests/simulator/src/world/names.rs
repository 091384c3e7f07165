//! Domain names that read like real ones, each made from its index alone and found again by it.

/// First words. No two pairs of first and second word spell the same label (see the test).
pub(crate) const FIRST: [&str; 64] = [
    "amber",
    "apex",
    "arctic",
    "atlas",
    "azure",
    "beacon",
    "birch",
    "blue",
    "bright",
    "cedar",
    "central",
    "citrus",
    "clear",
    "cloud",
    "cobalt",
    "copper",
    "coral",
    "crystal",
    "delta",
    "eagle",
    "early",
    "echo",
    "ember",
    "evergreen",
    "falcon",
    "fern",
    "first",
    "forest",
    "fresh",
    "garnet",
    "global",
    "golden",
    "granite",
    "green",
    "harbor",
    "hazel",
    "honest",
    "indigo",
    "ivory",
    "jade",
    "kind",
    "lake",
    "lantern",
    "lime",
    "lunar",
    "maple",
    "meadow",
    "metro",
    "mint",
    "noble",
    "north",
    "ocean",
    "olive",
    "orchid",
    "pacific",
    "pearl",
    "pine",
    "prime",
    "quick",
    "river",
    "silver",
    "solar",
    "urban",
    "velvet",
];

/// Second words.
pub(crate) const SECOND: [&str; 64] = [
    "academy",
    "agency",
    "apparel",
    "bakery",
    "bikes",
    "books",
    "bureau",
    "cafe",
    "capital",
    "care",
    "clinic",
    "coffee",
    "craft",
    "dental",
    "design",
    "digital",
    "energy",
    "events",
    "farm",
    "finance",
    "fitness",
    "florist",
    "foods",
    "garage",
    "gallery",
    "garden",
    "goods",
    "group",
    "holidays",
    "home",
    "hosting",
    "hotel",
    "invest",
    "jewels",
    "kitchen",
    "labs",
    "legal",
    "logistics",
    "market",
    "media",
    "motors",
    "music",
    "optics",
    "partners",
    "pharma",
    "photo",
    "print",
    "realty",
    "records",
    "repairs",
    "robotics",
    "security",
    "shoes",
    "software",
    "sports",
    "studio",
    "supply",
    "systems",
    "tailor",
    "travel",
    "trade",
    "tutors",
    "vision",
    "works",
];

/// Names without a number at the end.
pub(crate) const PAIRS: u64 = (FIRST.len() * SECOND.len()) as u64;
// Odd, hence it has an inverse modulo the power of two that PAIRS is: neighbours do not share words.
const STEP: u64 = 2_731;
const STEP_INVERSE: u64 = inverse(STEP, PAIRS);

const fn inverse(step: u64, modulus: u64) -> u64 {
    let mut candidate = 1;
    while (step * candidate) % modulus != 1 {
        candidate += 2;
    }
    candidate
}

/// The label of the domain with this index, before any accent.
pub(crate) fn label(index: u64) -> String {
    let pair = (index % PAIRS) * STEP % PAIRS;
    let round = index / PAIRS;
    let (first, second) = (pair / SECOND.len() as u64, pair % SECOND.len() as u64);
    let mut label = String::with_capacity(24);
    label.push_str(FIRST[first as usize]);
    label.push_str(SECOND[second as usize]);
    if round > 0 {
        label.push_str(&round.to_string());
    }
    label
}

/// The index whose label this is.
pub(crate) fn index_of(label: &str) -> Option<u64> {
    let words = label.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = &label[words.len()..];
    let round: u64 = match number {
        "" => 0,
        number if number.starts_with('0') => return None,
        number => number.parse().ok().filter(|round| *round < 1 << 40)?,
    };
    FIRST.iter().enumerate().find_map(|(first, word)| {
        let rest = words.strip_prefix(word)?;
        let second = SECOND.iter().position(|word| *word == rest)?;
        let pair = (first * SECOND.len() + second) as u64;
        Some(round * PAIRS + pair * STEP_INVERSE % PAIRS)
    })
}

/// The A-label of a label with an accent on its first vowel.
pub(crate) fn accented(label: &str) -> String {
    let mut done = false;
    let unicode: String = label
        .chars()
        .map(|c| {
            let accented = match c {
                'a' => 'ä',
                'e' => 'é',
                'i' => 'í',
                'o' => 'ö',
                'u' => 'ü',
                _ => return c,
            };
            if std::mem::replace(&mut done, true) { c } else { accented }
        })
        .collect();
    format!("xn--{}", idna::punycode::encode_str(&unicode).expect("a short label has a Punycode form"))
}

/// The label without its accent, of an A-label.
pub(crate) fn without_accent(label: &str) -> Option<String> {
    let unicode = idna::punycode::decode_to_string(label.strip_prefix("xn--")?)?;
    Some(
        unicode
            .chars()
            .map(|c| match c {
                'ä' => 'a',
                'é' => 'e',
                'í' => 'i',
                'ö' => 'o',
                'ü' => 'u',
                other => other,
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_indexes_share_a_label_and_each_label_leads_back() {
        let mut seen = HashSet::new();
        for index in (0..3 * PAIRS).chain(1_000_000..1_000_100) {
            let label = label(index);
            assert_eq!(index_of(&label), Some(index), "{label}");
            assert!(seen.insert(label));
        }
        assert_eq!(index_of("nosuchwords"), None);
        assert_eq!(index_of("amberacademy01"), None);
    }

    #[test]
    fn an_accented_label_is_an_a_label_and_leads_back() {
        assert_eq!(accented("bucher"), "xn--bcher-kva");
        for index in 0..PAIRS {
            let label = label(index);
            let accented = accented(&label);
            assert!(accented.starts_with("xn--") && accented.is_ascii());
            assert_eq!(without_accent(&accented), Some(label));
        }
    }
}
