//! Tables keep every digit in files and show few to people; what is written can be read back.

use report::{Cell, Column, Error, Kind, Table};

/// Awkward on purpose: missing values, text with commas, quotes and newlines, numbers that need all their digits.
fn table() -> Table {
    let mut table = Table::new(&[("name", Kind::Text), ("dram_gib", Kind::I64), ("ttft_s", Kind::F64)])
        .expect("distinct");
    let rows: [[Cell; 3]; 4] = [
        ["fixed".into(), 1024.into(), 1024.0.into()],
        ["a, \"b\"\nc".into(), 0.into(), (0.1 + 0.2).into()],
        [Cell::Missing, i64::MAX.into(), Cell::Missing],
        ["".into(), Cell::Missing, 5e-324.into()],
    ];
    for row in rows {
        table.push_row(row).expect("three cells of the right kinds");
    }
    table
}

#[test]
fn csv_has_every_digit() {
    insta::assert_snapshot!(table().to_csv(), @r#"
    name,dram_gib,ttft_s
    fixed,1024,1024.0
    "a, ""b""
    c",0,0.30000000000000004
    ,9223372036854775807,
    "",,5e-324
    "#);
}

#[test]
fn json_is_an_array_of_rows() {
    insta::assert_snapshot!(table().to_json(), @r#"
    [
      {"name": "fixed", "dram_gib": 1024, "ttft_s": 1024.0},
      {"name": "a, \"b\"\nc", "dram_gib": 0, "ttft_s": 0.30000000000000004},
      {"name": null, "dram_gib": 9223372036854775807, "ttft_s": null},
      {"name": "", "dram_gib": null, "ttft_s": 5e-324}
    ]
    "#);
    assert_eq!(Table::default().to_json(), "[]\n");
}

#[test]
fn text_for_a_terminal_is_aligned_and_short() {
    let mut table = Table::default();
    table.add_column("pick", vec!["fixed", "knee", "fastest"]).expect("first column");
    table.add_column("dram_gib", vec![Some(1024), Some(512), None]).expect("three rows");
    table.add_column("ttft_s", vec![1.830_12, 0.71, 0.5]).expect("three rows");
    table.add_column("share", vec![1.234e-7, 0.5, 1e9]).expect("three rows");
    insta::assert_snapshot!(table.to_text(), @r"
    pick     dram_gib  ttft_s       share
    -------  --------  ------  ----------
    fixed        1024    1.83    1.234e-7
    knee          512    0.71         0.5
    fastest         -    0.50  1000000000
    ");
}

#[test]
fn csv_and_parquet_come_back_as_they_were() {
    let table = table();
    assert_eq!(Table::from_csv(&table.to_csv()).expect("its own CSV"), table);
    let parquet = table.to_parquet().expect("three columns");
    assert_eq!(&parquet[..4], b"PAR1");
    assert_eq!(Table::from_parquet(&parquet).expect("its own Parquet"), table);
    assert_eq!(parquet, table.to_parquet().expect("three columns"), "the same table, the same bytes");
}

#[test]
fn many_rows_come_back_in_order() {
    let mut table = Table::default();
    table.add_column("n", (0..5_000i64).collect::<Vec<_>>()).expect("first column");
    table.add_column("x", (0..5_000).map(|i| f64::from(i) / 7.0).collect::<Vec<_>>()).expect("5000 rows");
    assert_eq!(Table::from_csv(&table.to_csv()).expect("its own CSV"), table);
    assert_eq!(Table::from_parquet(&table.to_parquet().expect("columns")).expect("its own Parquet"), table);
}

#[test]
fn a_csv_tells_the_kind_of_its_columns() {
    let table = Table::from_csv("a,b,c,d\n1,1,x,true\n2,2.5,,false\n").expect("CSV");
    assert_eq!(table.column("a").expect("there"), &Column::from(vec![1, 2]));
    assert_eq!(table.column("b").expect("there"), &Column::from(vec![1.0, 2.5]));
    assert_eq!(table.column("c").expect("there"), &Column::from(vec![Some("x"), None]));
    assert_eq!(table.column("d").expect("there"), &Column::from(vec!["true", "false"]));
    assert_eq!(table.numbers("a").expect("numbers"), [Some(1.0), Some(2.0)]);
}

#[test]
fn tables_without_rows_or_columns_are_tables() {
    let empty = Table::new(&[("a", Kind::F64)]).expect("one column");
    assert_eq!(empty.to_csv(), "a\n");
    assert_eq!(Table::from_csv("a\n").expect("CSV").rows(), 0);
    assert_eq!(Table::from_parquet(&empty.to_parquet().expect("one column")).expect("Parquet"), empty);
    assert_eq!(Table::default().to_csv(), "");
    assert_eq!(Table::from_csv("").expect("CSV"), Table::default());
    assert!(matches!(Table::default().to_parquet(), Err(Error::Encode { .. })));
}

#[test]
fn select_chooses_orders_and_renames() {
    let table = table().select(&[("ttft_s", "TTFT [s]"), ("name", "pick")]).expect("both there");
    assert_eq!(table.names(), ["TTFT [s]", "pick"]);
    assert_eq!(table.cell(0, 1), Some("fixed".into()));
    assert_eq!(table.cell(4, 0), None, "four rows");
}

#[test]
fn mistakes_name_column_and_row_and_change_nothing() {
    let mut table = table();
    let message = |result: Result<(), Error>| result.expect_err("a mistake").to_string();
    let nan = message(table.push_row(["x".into(), 1.into(), f64::NAN.into()]));
    insta::assert_snapshot!(nan, @"column `ttft_s`, row 4: NaN is not a finite number; leave the cell missing instead");
    let short = message(table.push_row(["x".into()]));
    insta::assert_snapshot!(short, @"row 4 has 1 cells where the table has 3 columns");
    let kind = message(table.push_row(["x".into(), 1.5.into(), 1.5.into()]));
    insta::assert_snapshot!(kind, @"column `dram_gib`: whole numbers expected, floating-point numbers found");
    let twice = message(table.add_column("name", vec![1.0]));
    insta::assert_snapshot!(twice, @"the table has two columns named `name`");
    let length = message(table.add_column("more", vec![1.0]));
    insta::assert_snapshot!(length, @"column `more` has 1 rows where the table has 4");
    let unknown = message(table.column("cost").map(|_| ()));
    insta::assert_snapshot!(unknown, @"the table has no column `cost`; it has `name`, `dram_gib`, `ttft_s`");
    assert_eq!(table, self::table());
}

#[test]
fn files_that_are_no_tables_are_errors() {
    for text in ["a,b\n1\n1,2,3\n", "a\n1\n99999999999999999999\n", "a\ninf\nNaN\n", "a,a\n1,2\n\"open"] {
        let got = Table::from_csv(text);
        assert!(
            matches!(
                got,
                Err(Error::Decode { .. } | Error::CellNotFinite { .. } | Error::DuplicateColumn { .. })
            ),
            "{text:?} gave {got:?}"
        );
    }
    assert!(matches!(Table::from_parquet(b"PAR1 not really PAR1"), Err(Error::Decode { .. })));
    assert!(matches!(Table::from_parquet(b""), Err(Error::Decode { .. })));
}
