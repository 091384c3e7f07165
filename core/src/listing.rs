//! Whether the pages of a list are the whole list: pure (S6.5).

use std::collections::HashSet;

use crate::registrar::ListPage;

/// What the pages of a list that were read prove.
///
/// Rows come and go while a list is read. One that goes before the place that was reached moves the next row out of
/// sight, and one that comes in front shows a row twice. A list is held to be complete only if every page told the same
/// total, no row came twice, and there are as many rows as the total says. That is proof as long as rows that come take
/// their place in front, as [`Registrar::list`](crate::registrar::Registrar::list) promises.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    total: Option<u64>,
    seen: HashSet<String>,
    rows: u64,
    problem: Option<Gap>,
}

/// Why a list proves nothing of what is absent from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Gap {
    /// A page did not say how many rows there are.
    NoTotal,
    /// The total changed between two pages.
    TotalChanged(u64, u64),
    /// A row stood on two pages, or twice on one.
    Repeated,
    /// A page could not be had, or the rows end before the total.
    Short(u64, u64),
}

impl std::fmt::Display for Gap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoTotal => f.write_str("it does not say how many rows there are"),
            Self::TotalChanged(before, after) => {
                write!(f, "its total changed from {before} to {after} while it was read")
            }
            Self::Repeated => f.write_str("a row came twice, so that others may have moved out of sight"),
            Self::Short(rows, total) => write!(f, "{rows} of {total} rows came"),
        }
    }
}

impl Listing {
    /// Takes the next page.
    pub(crate) fn take(&mut self, page: &ListPage) {
        match (self.total, page.total) {
            (_, None) => self.note(Gap::NoTotal),
            (None, Some(total)) => self.total = Some(total),
            (Some(before), Some(after)) if before != after => self.note(Gap::TotalChanged(before, after)),
            (Some(_), Some(_)) => {}
        }
        for row in &page.rows {
            self.rows += 1;
            // Orders of the same name are rows of their own where they have ids.
            let key = row.remote_id.clone().unwrap_or_else(|| row.name.as_str().to_owned());
            if !self.seen.insert(key) {
                self.note(Gap::Repeated);
            }
        }
    }

    fn note(&mut self, gap: Gap) {
        self.problem.get_or_insert(gap);
    }

    /// Whether it was the whole list, once no more pages come; if not, why not.
    pub(crate) fn finish(self) -> Result<(), Gap> {
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        match self.total {
            Some(total) if total == self.rows => Ok(()),
            Some(total) => Err(Gap::Short(self.rows, total)),
            None => Err(Gap::NoTotal),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test that cannot go on should stop
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::RemoteDomain;
    use crate::sync::testing::remote;

    fn row(id: u64) -> RemoteDomain {
        RemoteDomain { remote_id: Some(id.to_string()), ..remote(&format!("d{id}.example")) }
    }

    fn page(ids: &[u64], total: Option<u64>) -> ListPage {
        ListPage { rows: ids.iter().map(|id| row(*id)).collect(), total, next: None }
    }

    fn read(pages: &[ListPage]) -> Result<(), Gap> {
        let mut listing = Listing::default();
        pages.iter().for_each(|page| listing.take(page));
        listing.finish()
    }

    #[test]
    fn only_a_list_that_adds_up_is_complete() {
        assert_eq!(read(&[page(&[5, 4], Some(3)), page(&[3], Some(3))]), Ok(()), "S6.5");
        assert_eq!(read(&[page(&[], Some(0))]), Ok(()));
        for (pages, gap) in [
            (vec![page(&[5, 4], Some(3))], Gap::Short(2, 3)),
            (vec![page(&[5, 4], Some(4)), page(&[3], Some(3))], Gap::TotalChanged(4, 3)),
            (vec![page(&[5, 4], Some(3)), page(&[4], Some(3))], Gap::Repeated),
            (vec![page(&[5, 4], None)], Gap::NoTotal),
            (vec![page(&[5, 4], Some(2)), page(&[3], Some(2))], Gap::Short(3, 2)),
            (vec![], Gap::NoTotal),
        ] {
            assert_eq!(read(&pages), Err(gap), "S6.5");
        }
    }

    /// What happens at the registrar before a page is read.
    #[derive(Clone, Debug)]
    enum Event {
        Comes,
        Goes(prop::sample::Index),
    }

    fn events() -> impl Strategy<Value = Vec<Event>> {
        let event = prop_oneof![Just(Event::Comes), any::<prop::sample::Index>().prop_map(Event::Goes)];
        prop::collection::vec(event, 0..3)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn rows_that_come_and_go_while_paging_make_no_false_absence(
            size in 1_usize..8,
            rows in 0_u64..40,
            each in prop::collection::vec(events(), 10),
        ) {
            // The newest first.
            let mut account: Vec<u64> = (1..=rows).rev().collect();
            let mut next = rows + 1;
            let mut always: HashSet<u64> = account.iter().copied().collect();
            let mut seen = HashSet::new();
            let mut listing = Listing::default();
            let mut pages = 1;
            let mut number = 0;
            while number < pages {
                for event in each.get(number).into_iter().flatten() {
                    match event {
                        Event::Comes => {
                            account.insert(0, next);
                            next += 1;
                        }
                        Event::Goes(index) if !account.is_empty() => {
                            let gone = account.remove(index.index(account.len()));
                            always.remove(&gone);
                        }
                        Event::Goes(_) => {}
                    }
                }
                let ids: Vec<u64> = account.iter().copied().skip(number * size).take(size).collect();
                if number == 0 {
                    pages = account.len().div_ceil(size).max(1);
                }
                seen.extend(ids.iter().copied());
                listing.take(&page(&ids, Some(account.len() as u64)));
                number += 1;
            }
            if listing.finish().is_ok() {
                let absent: Vec<_> = always.difference(&seen).collect();
                prop_assert!(absent.is_empty(), "S6.5: {absent:?} were there all the time");
            }
        }
    }
}
