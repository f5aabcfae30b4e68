#include "base/id.h"
#include "base/arena.h"

/* All digits, the wanted length, and not zeros only (zeros satisfy every sum). */
static bool digits_of(struct text t, size_t n)
{
    bool other = false;

    if (t.n != n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (t.s[i] < '0' || t.s[i] > '9')
            return false;
        other = other || t.s[i] != '0';
    }
    return other;
}

static int at(struct text t, size_t i)
{
    return t.s[i] - '0';
}

static int weighed(struct text t, const int *weights, size_t n)
{
    int sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += at(t, i) * weights[i];
    return sum;
}

static int64_t number(struct text t, size_t n)
{
    int64_t i = 0;

    for (size_t k = 0; k < n; k++)
        i = i * 10 + at(t, k);
    return i;
}

bool snils_valid(struct text digits)
{
    static const int weights[] = {9, 8, 7, 6, 5, 4, 3, 2, 1};
    enum { LAST_UNCHECKED = 1001998 };

    if (!digits_of(digits, 11))
        return false;
    if (number(digits, 9) <= LAST_UNCHECKED)
        return true;
    return weighed(digits, weights, 9) % 101 % 100 == at(digits, 9) * 10 + at(digits, 10);
}

struct text snils_format(struct arena *arena, struct text digits)
{
    if (digits.n != 11)
        return arena_text(arena, digits);
    return arena_printf(arena, "%.3s-%.3s-%.3s %.2s", digits.s, digits.s + 3, digits.s + 6,
                        digits.s + 9);
}

bool iin_valid(struct text digits)
{
    static const int first[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    static const int second[] = {3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2};

    if (!digits_of(digits, 12))
        return false;
    int control = weighed(digits, first, 11) % 11;
    if (control == 10)
        control = weighed(digits, second, 11) % 11;
    return control == at(digits, 11); /* 10 again: such a number cannot exist */
}

bool inn_valid(struct text digits)
{
    static const int w[] = {3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8};

    if (digits_of(digits, 10))
        return weighed(digits, w + 2, 9) % 11 % 10 == at(digits, 9);
    return digits_of(digits, 12) && weighed(digits, w + 1, 10) % 11 % 10 == at(digits, 10) &&
           weighed(digits, w, 11) % 11 % 10 == at(digits, 11);
}

bool ogrn_valid(struct text digits)
{
    if (digits_of(digits, 13))
        return number(digits, 12) % 11 % 10 == at(digits, 12);
    return digits_of(digits, 15) && number(digits, 14) % 13 % 10 == at(digits, 14);
}
