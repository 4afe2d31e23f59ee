//! Doubly linked lists over small integers (slots, or block ids for ghosts), the skeleton of most policies
//! here.
//!
//! An item is in at most one of the `N` lists of a value. Each list is a ring through an end node of its own,
//! so linking and unlinking have no branches. Links live in one array that grows with the largest item, 8 bytes
//! an item; no operation allocates otherwise. A list does not know what its items are. A policy can store its
//! own data of an item beside the links (`T`); then the cache misses once for both.

/// `N` lists that share one array of links, with a `T` for each item.
#[derive(Debug)]
pub(crate) struct Lists<const N: usize, T = ()> {
    /// Node `i < N` is the end of list `i`; node `N + item` is the item.
    links: Vec<Link<T>>,
    len: [u32; N],
}

#[derive(Debug, Clone, Copy)]
struct Link<T> {
    /// Towards the front.
    prev: u32,
    /// Towards the back.
    next: u32,
    item: T,
}

impl<const N: usize, T: Copy + Default> Lists<N, T> {
    const ENDS: u32 = N as u32;

    /// Where an item is in `links`: counted in `usize`, where the sum cannot overflow and so costs no check.
    fn node(item: u32) -> usize {
        item as usize + N
    }

    pub(crate) fn new() -> Self {
        let links = (0..Self::ENDS).map(|end| Link { prev: end, next: end, item: T::default() }).collect();
        Self { links, len: [0; N] }
    }

    /// Items in a list.
    pub(crate) fn len(&self, list: usize) -> u32 {
        self.len[list]
    }

    /// What is kept of an item that has been in a list, or is below one that has.
    pub(crate) fn item(&self, item: u32) -> T {
        self.links[Self::node(item)].item
    }

    /// The same, to be changed; the default for an item that is new.
    pub(crate) fn item_mut(&mut self, item: u32) -> &mut T {
        let node = Self::node(item);
        if node >= self.links.len() {
            self.grow(node);
        }
        &mut self.links[node].item
    }

    /// Links an item that is in no list.
    pub(crate) fn push_front(&mut self, list: usize, item: u32) {
        let first = self.links[list].next;
        self.link_between(list as u32, first, item);
        self.len[list] += 1;
    }

    /// Links an item that is in no list.
    pub(crate) fn push_back(&mut self, list: usize, item: u32) {
        let last = self.links[list].prev;
        self.link_between(last, list as u32, item);
        self.len[list] += 1;
    }

    /// Unlinks an item from the list that it is in.
    pub(crate) fn remove(&mut self, list: usize, item: u32) {
        self.unlink(item);
        self.len[list] -= 1;
    }

    /// Moves an item of a list to its front.
    pub(crate) fn move_to_front(&mut self, list: usize, item: u32) {
        self.unlink(item);
        let first = self.links[list].next;
        self.link_between(list as u32, first, item);
    }

    /// The last item.
    pub(crate) fn back(&self, list: usize) -> Option<u32> {
        self.links[list].prev.checked_sub(Self::ENDS)
    }

    /// The first item.
    pub(crate) fn front(&self, list: usize) -> Option<u32> {
        self.links[list].next.checked_sub(Self::ENDS)
    }

    /// Links an item that is in no list just behind another, or at the front where there is none.
    pub(crate) fn insert_behind(&mut self, list: usize, other: Option<u32>, item: u32) {
        let prev = other.map_or(list as u32, |other| Self::node(other) as u32);
        let next = self.links[prev as usize].next;
        self.link_between(prev, next, item);
        self.len[list] += 1;
    }

    /// The item before this one, towards the front.
    pub(crate) fn before(&self, item: u32) -> Option<u32> {
        self.links[Self::node(item)].prev.checked_sub(Self::ENDS)
    }

    /// Items from the back to the front.
    pub(crate) fn back_to_front(&self, list: usize) -> impl Iterator<Item = u32> + '_ {
        std::iter::successors(self.back(list), |&item| self.before(item))
    }

    fn unlink(&mut self, item: u32) {
        let Link { prev, next, .. } = self.links[Self::node(item)];
        self.links[prev as usize].next = next;
        self.links[next as usize].prev = prev;
    }

    fn link_between(&mut self, prev: u32, next: u32, item: u32) {
        let node = Self::node(item);
        if node >= self.links.len() {
            self.grow(node);
        }
        let link = &mut self.links[node];
        (link.prev, link.next) = (prev, next);
        // `grow` has seen that it is a u32.
        self.links[prev as usize].next = node as u32;
        self.links[next as usize].prev = node as u32;
    }

    #[cold]
    fn grow(&mut self, node: usize) {
        assert!(u32::try_from(node).is_ok(), "links are counted in u32");
        self.links.resize(node + 1, Link { prev: 0, next: 0, item: T::default() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_share_links_and_keep_their_order() {
        let mut lists = Lists::<2, u8>::new();
        lists.push_front(0, 5);
        lists.push_front(0, 2);
        lists.push_back(0, 9);
        lists.push_front(1, 7);
        assert_eq!(lists.back_to_front(0).collect::<Vec<_>>(), [9, 5, 2]);
        lists.remove(0, 5);
        lists.push_back(1, 5);
        assert_eq!(lists.back_to_front(0).collect::<Vec<_>>(), [9, 2]);
        assert_eq!(lists.back_to_front(1).collect::<Vec<_>>(), [5, 7]);
        assert_eq!((lists.len(0), lists.len(1)), (2, 2));
        lists.move_to_front(0, 9);
        lists.move_to_front(0, 9);
        assert_eq!(lists.back_to_front(0).collect::<Vec<_>>(), [2, 9]);
        assert_eq!((lists.front(0), lists.back(0), lists.len(0)), (Some(9), Some(2), 2));
        assert_eq!(lists.before(9), None);
        *lists.item_mut(11) = 3;
        *lists.item_mut(2) += 1;
        lists.push_front(0, 11);
        assert_eq!([11, 2, 9].map(|item| lists.item(item)), [3, 1, 0]);
    }
}
