//! A link against times that can be worked out on paper.

use super::*;

fn link(sharing: Sharing, latency_ns: u64) -> Link {
    // One byte per ns.
    let bytes_per_s = 1_000_000_000;
    Link::new(LinkSpec { bytes_per_s, latency_ns, io_per_s: None, io_per_block: 1, sharing })
}

/// (time, tag) of every completion.
fn drain(link: &mut Link) -> Vec<(u64, u32)> {
    let mut done = Vec::new();
    while let Some(now) = link.next_ns() {
        done.extend(link.step(now).map(|tag| (now, tag)));
    }
    done
}

#[test]
fn a_transfer_alone_takes_latency_and_bytes() {
    for sharing in [Sharing::Fifo, Sharing::Fair] {
        let mut link = link(sharing, 7);
        link.submit(100, 1, 1000, 4);
        assert_eq!(link.step(1106), None);
        assert_eq!(drain(&mut link), [(1107, 1)]);
        assert_eq!(link.totals().queue_ns, 0);
        assert_eq!(link.totals().busy_ns, 1007);
    }
}

#[test]
fn two_equal_ones_under_fair_share_take_twice() {
    let mut link = link(Sharing::Fair, 0);
    link.submit(0, 1, 1000, 1);
    link.submit(0, 2, 1000, 1);
    assert_eq!(drain(&mut link), [(2000, 1), (2000, 2)]);
}

#[test]
fn fifo_serves_in_order() {
    let mut link = link(Sharing::Fifo, 5);
    link.submit(0, 1, 1000, 1);
    link.submit(0, 2, 10, 1);
    assert_eq!(link.estimate_ns(0, 1, 1), 1005 + 15 + 6);
    assert_eq!(drain(&mut link), [(1005, 1), (1020, 2)]);
    assert_eq!(link.totals().queue_ns, 1005);
}

#[test]
fn a_late_short_transfer_overtakes_under_fair_share() {
    let mut link = link(Sharing::Fair, 0);
    link.submit(0, 1, 1000, 1);
    link.submit(500, 2, 100, 1);
    // From 500 on each gets half: the short one needs 200 ns, then 400 ns of the long one remain alone.
    assert_eq!(drain(&mut link), [(700, 2), (1100, 1)]);
}

#[test]
fn operations_can_be_the_limit() {
    let spec = LinkSpec {
        bytes_per_s: 1_000_000_000,
        latency_ns: 0,
        io_per_s: Some(1000),
        io_per_block: 2,
        sharing: Sharing::Fifo,
    };
    let mut link = Link::new(spec);
    link.submit(0, 1, 1000, 3);
    // 6 operations at 1000 a second are 6 ms; the bytes alone 1 us.
    assert_eq!(link.next_ns(), Some(6_000_000));
}

#[test]
fn cancelling_frees_the_link_and_keeps_what_arrived() {
    for sharing in [Sharing::Fifo, Sharing::Fair] {
        let mut link = link(sharing, 0);
        link.submit(0, 1, 1000, 10);
        assert_eq!(link.cancel(350, 1), 3);
        link.submit(350, 2, 100, 1);
        assert_eq!(drain(&mut link), [(450, 2)]);
        assert_eq!(link.totals().bytes, 300 + 100);
    }
}

#[test]
fn what_could_not_be_shared_out_is_not_left_behind() {
    let mut link = link(Sharing::Fair, 0);
    (1..=3).for_each(|tag| link.submit(0, tag, 100, 1));
    // 5 ns are one for each and two to carry; with two gone, the last may not have more than it was served.
    assert_eq!(link.cancel(5, 1), 0);
    assert_eq!(link.cancel(5, 2), 0);
    assert_eq!(drain(&mut link), [(104, 3)]);
}

#[test]
fn of_equals_the_first_is_done_first() {
    let mut link = link(Sharing::Fair, 3);
    [9, 2, 5].into_iter().for_each(|tag| link.submit(0, tag, 10, 1));
    assert_eq!(drain(&mut link).iter().map(|(_, tag)| *tag).collect::<Vec<_>>(), [9, 2, 5]);
}

#[test]
fn a_backlog_shrinks_while_nothing_happens() {
    for sharing in [Sharing::Fifo, Sharing::Fair] {
        let mut link = link(sharing, 0);
        link.submit(0, 1, 1000, 1);
        assert_eq!(link.backlog_ns(400), 600);
        assert_eq!(link.done_estimate_ns(400, 1), Some(1000));
    }
}

#[test]
fn centuries_of_work_can_wait() {
    for sharing in [Sharing::Fifo, Sharing::Fair] {
        let slow = LinkSpec { bytes_per_s: 1, ..link(sharing, u64::MAX).spec };
        let mut link = Link::new(slow);
        (1..=5).for_each(|tag| link.submit(0, tag, u64::MAX, 1));
        assert_eq!(link.next_ns(), Some(crate::clock::LAST_NS));
        assert_eq!(link.estimate_ns(7, u64::MAX, 1), crate::clock::LAST_NS);
        assert_eq!(link.backlog_ns(9), crate::clock::LAST_NS);
        assert_eq!(link.done_estimate_ns(9, 5), Some(crate::clock::LAST_NS));
        (1..=5).for_each(|tag| assert_eq!(link.cancel(10, tag), 0));
        assert_eq!((link.next_ns(), link.backlog_ns(10)), (None, 0));
    }
}

#[test]
fn a_queued_transfer_can_be_cancelled() {
    let mut link = link(Sharing::Fifo, 1);
    (1..=3).for_each(|tag| link.submit(0, tag, 99, 1));
    assert_eq!(link.cancel(50, 2), 0);
    assert_eq!(drain(&mut link), [(100, 1), (200, 3)]);
}
