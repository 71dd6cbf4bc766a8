-- A report is made on any days of the week or the month, every so many days, on working days, and its
-- schedule rests for a while: {"days": [1, 5], "step": 1, "since": null, "off": "later"}.
alter table reports_report
    add column rhythm jsonb not null default '{}',
    add column paused_at timestamptz,
    drop constraint reports_report_every,
    drop constraint reports_report_scheduled,
    add constraint reports_report_every check
        (every in ('never', 'daily', 'weekly', 'monthly', 'days')),
    add constraint reports_report_scheduled check
        ((every = 'never' or paused_at is not null) = (next_at is null)),
    add constraint reports_report_pauses_a_schedule check
        (paused_at is null or every <> 'never');
-- What was weekly came on Mondays, what was monthly on the first.
update reports_report set rhythm = '{"days": [1]}' where every in ('weekly', 'monthly');
