//! Is a point what its key says, and is a bad space refused?

use insta::assert_snapshot;
use kareto::space::{AxisValue, SpaceError};
use kareto::{Axis, AxisValues, DesignSpace, Point};

fn space() -> DesignSpace {
    let axes = vec![
        Axis::stepped("dram_gib", 0, 1024, 512).unwrap(),
        Axis::categories("medium", &["nvme", "essd-pl1"]),
        Axis::stepped("disk_lease_s", 0, 600, 600).unwrap(),
    ];
    DesignSpace::new(axes).unwrap()
}

#[test]
fn points_are_counted_and_ordered() {
    let space = space();
    // 3 sizes x 2 media x 2 leases.
    assert_eq!(space.size(), 12);
    let points: Vec<Point> = space.points().collect();
    assert!(points.is_sorted());
    assert_eq!(points[7], Point(vec![1, 1, 1]));
    assert!(points.iter().enumerate().all(|(place, point)| space.place(point) == place));
}

#[test]
fn keys_name_points_both_ways() {
    let space = space();
    let point = Point(vec![1, 1, 0]);
    assert_eq!(space.key(&point), "dram_gib=512,medium=essd-pl1,disk_lease_s=0");
    assert_eq!(space.values(&point)[0], AxisValue::Integer(512));
    assert_eq!(space.values(&point)[1], AxisValue::Category("essd-pl1"));
    for point in space.points() {
        assert_eq!(space.parse_key(&space.key(&point)), Ok(point));
    }
    assert_eq!(space.parse_key("disk_lease_s=0,medium=essd-pl1,dram_gib=512"), Ok(point));
}

#[test]
fn keys_that_name_no_point_say_why() {
    let error = |key: &str| space().parse_key(key).unwrap_err().to_string();
    assert_snapshot!(error("dram_gib=512,medium=nvme"), @"axis `disk_lease_s`: it is not given; the axes are dram_gib, medium, disk_lease_s");
    assert_snapshot!(error("dram_gib=500,medium=nvme,disk_lease_s=0"), @"axis `dram_gib`: `500` is not on the lattice; the axes are dram_gib, medium, disk_lease_s");
    assert_snapshot!(error("dram_gib=0,dram_gib=0"), @"axis `dram_gib`: it is given twice; the axes are dram_gib, medium, disk_lease_s");
    assert_snapshot!(error("hbm_gib=1"), @"axis `hbm_gib`: there is no such axis; the axes are dram_gib, medium, disk_lease_s");
}

#[test]
fn unusable_axes_are_refused() {
    let error = |axes: Vec<Axis>| DesignSpace::new(axes).unwrap_err();
    let integers = |name: &str, values: &[i64]| Axis {
        name: name.to_owned(),
        values: AxisValues::Integers(values.to_vec()),
    };
    assert_eq!(error(vec![]), SpaceError::NoAxes);
    assert_snapshot!(error(vec![integers("dram GiB", &[1])]), @"axis name `dram GiB` is not usable: write distinct names of lower-case letters, digits and `_`");
    assert_snapshot!(error(vec![integers("a", &[1]), integers("a", &[2])]), @"axis name `a` is not usable: write distinct names of lower-case letters, digits and `_`");
    assert_snapshot!(error(vec![integers("a", &[])]), @"axis `a`: no values; give at least one");
    assert_snapshot!(error(vec![integers("a", &[4, 4])]), @"axis `a`: 4 follows 4; integers must increase");
    assert_snapshot!(error(vec![Axis::categories("m", &["nvme", "nvme"])]), @"axis `m`: category `nvme` occurs twice");
    assert_snapshot!(error(vec![Axis::categories("m", &["a,b"])]), @"axis `m`: category `a,b` must be made of letters, digits and `_ . + -`");
    assert_snapshot!(Axis::stepped("a", 0, 10, 0).unwrap_err(), @"axis `a`: 0..=10 step 0 is empty; the step is positive and the end not below the start");
    let long = Axis::stepped("a", 0, 99_999, 1).unwrap();
    let other = Axis { name: "b".to_owned(), ..long.clone() };
    assert_eq!(error(vec![long, other]), SpaceError::TooLarge);
}
