-- Calendars and terms as pages; rows are made by packs_terms_pages.c from the packs in use. They tell nothing about persons.

-- query: calendar_entry
-- about: none
-- column: name text open "Code"
-- column: label text open "Calendar"
-- column: base text open "Stands on"
-- column: first int open "From the year"
-- column: last int open "To the year"
-- column: here int open "The region's"
-- column: act text open "Source act"
-- column: unverified int open
-- column: chosen int open
select null as name, null as label, null as base, null as first, null as last, null as here, null as act,
       null as unverified, null as chosen

-- query: calendar_year_choice
-- about: none
-- column: year int open
-- column: computed int open
-- column: chosen int open
select null as year, null as computed, null as chosen

-- query: calendar_week
-- about: none
-- column: d1 int open
-- column: k1 text open
-- column: d2 int open
-- column: k2 text open
-- column: d3 int open
-- column: k3 text open
-- column: d4 int open
-- column: k4 text open
-- column: d5 int open
-- column: k5 text open
-- column: d6 int open
-- column: k6 text open
-- column: d7 int open
-- column: k7 text open
select null as d1, null as k1, null as d2, null as k2, null as d3, null as k3, null as d4, null as k4, null as d5, null as k5,
       null as d6, null as k6, null as d7, null as k7

-- query: calendar_day
-- about: none
-- column: day date open "Day"
-- column: kind text open "Kind of day"
-- column: regional int open "Regional"
select null as day, null as kind, null as regional

-- query: calendar_year
-- about: none
-- column: calendar text open
-- column: label text open
-- column: year int open
-- column: known int open
-- column: act text open
-- column: unverified int open
-- column: nonworking_act text open
-- column: nonworking_worked int open
-- column: worked int open
-- column: shorter int open
-- column: base text open
select null as calendar, null as label, null as year, null as known, null as act, null as unverified, null as nonworking_act,
       null as nonworking_worked, null as worked, null as shorter, null as base

-- query: deadline_entry
-- about: none
-- column: rule text open "Code"
-- column: label text open "Term"
-- column: event text open "Runs from"
-- column: counted int open
-- column: unit text open "Unit of the term"
-- column: count int open "Number"
-- column: before int open
-- column: month int open "Month"
-- column: act text open "Source act"
-- column: unverified int open "Not checked"
-- column: region text open "Region"
-- column: calendar text open "Calendar"
-- column: chosen int open
select null as rule, null as label, null as event, null as counted, null as unit, null as count, null as before, null as month, null as act,
       null as unverified, null as region, null as calendar, null as chosen

-- query: term_unit
-- about: none
-- column: unit text open
-- column: words text open
-- column: chosen int open
select null as unit, null as words, null as chosen

-- query: term_answer
-- about: none
-- maybe
-- column: day date open "Due"
-- column: at instant open "Time"
-- column: computed int open
-- column: standing int open
select null as day, null as at, null as computed, null as standing

-- What stands beside a date due; packs_due.h, packs_term.html.

-- query: packs_term
-- about: none
-- column: label text open
-- column: act text open
-- column: unverified int open
-- column: computed int open
-- column: standing int open
select null as label, null as act, null as unverified, null as computed, null as standing
