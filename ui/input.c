/* Reading the terminal. */
#include "ui/input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/number.h"
#include "core/strbuf.h"
#include "ui/term_caps.h"

enum { READ_MAX = 256, ESC_MS_MAX = 2000 };

struct input {
    struct terminal *term; /* borrowed */
    struct decode *decode;
};

/* The keys that have a name of their own in terminfo. */
static const struct {
    const char *cap, *name;
} caps[] = {
    {"kcuu1", "Up"       },
    {"kcud1", "Down"     },
    {"kcub1", "Left"     },
    {"kcuf1", "Right"    },
    {"khome", "Home"     },
    {"kend",  "End"      },
    {"kpp",   "PgUp"     },
    {"knp",   "PgDn"     },
    {"kich1", "Insert"   },
    {"kdch1", "Delete"   },
    {"kbs",   "Backspace"},
    {"kcbt",  "S-Tab"    },
    {"kent",  "Enter"    },
    {"kri",   "S-Up"     },
    {"kind",  "S-Down"   },
    {"kLFT",  "S-Left"   },
    {"kRIT",  "S-Right"  },
    {"kHOM",  "S-Home"   },
    {"kEND",  "S-End"    },
    {"kPRV",  "S-PgUp"   },
    {"kNXT",  "S-PgDn"   },
    {"kDC",   "S-Delete" },
    {"kIC",   "S-Insert" },
};

/* The keys with modifiers, whose names follow xterm: kLFT5 is Left with 5, which is Ctrl. */
static const struct {
    const char *cap, *name;
} moving[] = {
    {"kUP",  "Up"    },
    {"kDN",  "Down"  },
    {"kLFT", "Left"  },
    {"kRIT", "Right" },
    {"kHOM", "Home"  },
    {"kEND", "End"   },
    {"kPRV", "PgUp"  },
    {"kNXT", "PgDn"  },
    {"kDC",  "Delete"},
    {"kIC",  "Insert"},
};
static const char *const modified[] = {"S-", "M-", "M-S-", "C-", "C-S-", "C-M-", "C-M-S-"};

static void add_cap(struct decode *d, const char *cap, const char *name)
{
    struct strbuf b = STRBUF_INIT;

    caps_add(&b, cap);
    decode_add_key(d, strbuf_str(&b), name);
    strbuf_clear(&b);
}

static void add_terminfo(struct decode *d)
{
    char cap[16], name[KEY_NAME_SIZE];

    for (size_t i = 0; i < sizeof caps / sizeof *caps; i++) {
        add_cap(d, caps[i].cap, caps[i].name);
    }
    for (int f = 1; f <= 12; f++) {
        (void)snprintf(cap, sizeof cap, "kf%d", f);
        (void)snprintf(name, sizeof name, "F%d", f);
        add_cap(d, cap, name);
    }
    for (size_t i = 0; i < sizeof moving / sizeof *moving; i++) {
        for (size_t m = 0; m < sizeof modified / sizeof *modified; m++) {
            (void)snprintf(cap, sizeof cap, "%s%zu", moving[i].cap, m + 2);
            (void)snprintf(name, sizeof name, "%s%s", modified[m], moving[i].name);
            add_cap(d, cap, name);
        }
    }
}

static int esc_ms(void)
{
    const char *asked = getenv("ESCDELAY");
    int64_t ms = DECODE_ESC_MS;

    (void)number_parse(asked, 1, INT64_MAX, &ms);
    return (int)(ms < ESC_MS_MAX ? ms : ESC_MS_MAX);
}

struct input *input_new(struct terminal *t)
{
    struct input *in = xcalloc(1, sizeof *in);

    in->term = t;
    in->decode = decode_new(term_erase(t), esc_ms());
    add_terminfo(in->decode);
    return in;
}

void input_free(struct input *in)
{
    if (in != NULL) {
        decode_free(in->decode);
        free(in);
    }
}

bool input_read(struct input *in)
{
    char bytes[READ_MAX];
    size_t room = decode_room(in->decode);

    if (room == 0) {
        return true;
    }
    ssize_t n = read(term_in_fd(in->term), bytes, room < sizeof bytes ? room : sizeof bytes);
    if (n > 0) {
        decode_feed(in->decode, bytes, (size_t)n, clock_mono_ms(NULL));
    }
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

bool input_next(struct input *in, struct input_event *out)
{
    return decode_next(in->decode, clock_mono_ms(NULL), out);
}

int input_wait_ms(const struct input *in)
{
    return decode_wait_ms(in->decode, clock_mono_ms(NULL));
}
