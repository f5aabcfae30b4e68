/* How late something is. Without packs the calendar knows weekends only. */
#include "base/date.h"
#include "rooms/desk/desk.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static int64_t day(int d)
{
    return date_from((struct ymd){2024, 7, d}); /* 1 July is a Monday */
}

static void test_days_late(void **state)
{
    (void)state;
    assert_int_equal(desk_days_late(day(4), day(3)), 0);
    assert_int_equal(desk_days_late(day(3), day(3)), 0);
    assert_int_equal(desk_days_late(day(3), day(4)), 1);
    assert_int_equal(desk_days_late(day(5), day(6)), 1); /* due on Friday, read on Saturday */
    assert_int_equal(desk_days_late(day(5), day(8)), 1); /* and on Monday */
    assert_int_equal(desk_days_late(day(1), day(15)), 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_days_late)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
