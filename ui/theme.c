/* The themes: how each style and overlay looks. */
#include "ui/theme.h"

#include <string.h>

/* A colour for both depths: `x` where there are 256 colours, `c` (0-15) where there are 16; with 8
 * colours a bright one becomes its plain one in bold. */
struct shade {
    int16_t x, c;
};

/* clang-format off */
#define OWN {-1, -1}
/* clang-format on */

struct row {
    struct shade fg, bg;
    uint8_t flags;
};

struct theme {
    const char *name;
    const struct row *styles; /* STYLE_COUNT rows */
    const struct row *overs;  /* OVERLAY_COUNT rows */
};

/* The default theme uses the terminal's own background, text and 16 colours: the user's palette
 * makes these readable, and they take the fewest bytes. Greys come from the middle of the 256,
 * because bright black is the background itself in some palettes; nothing is white or black. */
/* clang-format off */
static const struct row default_styles[STYLE_COUNT] = {
    [ST_TEXT]         = {OWN,      OWN, 0},
    [ST_DIM]          = {{244, 8}, OWN, 0},
    [ST_STRONG]       = {OWN,      OWN, LOOK_BOLD},
    [ST_HEADER]       = {OWN,      OWN, 0},
    [ST_HEADER_LABEL] = {{244, 8}, OWN, 0},
    [ST_TITLE]        = {{244, 8}, OWN, LOOK_BOLD},
    [ST_TITLE_FOCUS]  = {{6, 6},   OWN, LOOK_BOLD},
    [ST_BORDER]       = {{240, 8}, OWN, 0},
    [ST_BORDER_FOCUS] = {{6, 6},   OWN, 0},
    [ST_COLUMN]       = {{244, 8}, OWN, 0},
    [ST_COLUMN_SORT]  = {{6, 6},   OWN, LOOK_BOLD},
    [ST_LABEL]        = {{244, 8}, OWN, 0},
    [ST_INFO]         = {{6, 6},   OWN, 0},
    [ST_GOOD]         = {{2, 2},   OWN, 0},
    [ST_WARN]         = {{3, 3},   OWN, 0},
    [ST_BAD]          = {{9, 9},   OWN, LOOK_BOLD},
    [ST_PENDING]      = {{244, 8}, OWN, 0},
    [ST_QUEUED]       = {{3, 3},   OWN, 0},
    [ST_RUNNING]      = {{6, 6},   OWN, LOOK_BOLD},
    [ST_STOPPING]     = {{5, 5},   OWN, 0},
    [ST_COMPLETED]    = {{2, 2},   OWN, 0},
    [ST_FAILED]       = {{9, 9},   OWN, LOOK_BOLD},
    [ST_CANCELLED]    = {{244, 8}, OWN, 0},
    [ST_UNKNOWN]      = {{5, 5},   OWN, 0},
    [ST_BAR]          = {{6, 6},   OWN, 0},
    [ST_BAR_REST]     = {{240, 8}, OWN, 0},
    [ST_TIME]         = {OWN,      OWN, 0},
    [ST_LINK]         = {{12, 12}, OWN, LOOK_UNDERLINE},
    [ST_KEY]          = {{6, 6},   OWN, LOOK_BOLD},
    [ST_HINT]         = {{244, 8}, OWN, 0},
    [ST_INPUT]        = {OWN,      OWN, LOOK_UNDERLINE},
    [ST_INPUT_FOCUS]  = {OWN,      OWN, LOOK_UNDERLINE | LOOK_BOLD},
    [ST_INPUT_BAD]    = {{9, 9},   OWN, LOOK_UNDERLINE},
    [ST_MATCH]        = {{3, 3},   OWN, LOOK_UNDERLINE},
    [ST_MATCH_HERE]   = {{3, 3},   OWN, LOOK_REVERSE},
    [ST_DIALOG]       = {OWN,      OWN, 0},
    [ST_DIALOG_TITLE] = {{3, 3},   OWN, LOOK_BOLD},
    [ST_BUTTON]       = {OWN,      OWN, 0},
    [ST_BUTTON_FOCUS] = {OWN,      OWN, LOOK_REVERSE | LOOK_BOLD},
    [ST_TAB]          = {{244, 8}, OWN, 0},
    [ST_TAB_HERE]     = {{6, 6},   OWN, LOOK_BOLD | LOOK_UNDERLINE},
    [ST_CONTEXT]         = {OWN, OWN, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_RED]     = {{1, 1}, OWN, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_YELLOW]  = {{3, 3}, OWN, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_GREEN]   = {{2, 2}, OWN, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_CYAN]    = {{6, 6}, OWN, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_BLUE]    = {{4, 4}, OWN, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_MAGENTA] = {{5, 5}, OWN, LOOK_BOLD | LOOK_REVERSE},
};

static const struct row default_overs[OVERLAY_COUNT] = {
    [OVER_NONE]        = {OWN,      OWN, LOOK_KEEP},
    [OVER_CURSOR]      = {OWN,      OWN, LOOK_REVERSE},
    [OVER_CURSOR_IDLE] = {OWN,      OWN, LOOK_KEEP | LOOK_BOLD | LOOK_UNDERLINE},
    [OVER_MARKED]      = {{3, 3},   OWN, LOOK_BOLD},
    [OVER_CHANGED]     = {OWN,      OWN, LOOK_KEEP | LOOK_BOLD},
    [OVER_SELECTED]    = {OWN,      OWN, LOOK_KEEP | LOOK_REVERSE},
    [OVER_STALE]       = {{244, 8}, OWN, 0},
};
/* clang-format on */

/* For light backgrounds: darker shades of the same. */
/* clang-format off */
static const struct row light_styles[STYLE_COUNT] = {
    [ST_TEXT]         = {OWN,      OWN, 0},
    [ST_DIM]          = {{241, 8}, OWN, 0},
    [ST_STRONG]       = {OWN,      OWN, LOOK_BOLD},
    [ST_HEADER]       = {OWN,      OWN, 0},
    [ST_HEADER_LABEL] = {{241, 8}, OWN, 0},
    [ST_TITLE]        = {{241, 8}, OWN, LOOK_BOLD},
    [ST_TITLE_FOCUS]  = {{25, 4},  OWN, LOOK_BOLD},
    [ST_BORDER]       = {{248, 7}, OWN, 0},
    [ST_BORDER_FOCUS] = {{25, 4},  OWN, 0},
    [ST_COLUMN]       = {{241, 8}, OWN, 0},
    [ST_COLUMN_SORT]  = {{25, 4},  OWN, LOOK_BOLD},
    [ST_LABEL]        = {{241, 8}, OWN, 0},
    [ST_INFO]         = {{25, 4},  OWN, 0},
    [ST_GOOD]         = {{28, 2},  OWN, 0},
    [ST_WARN]         = {{130, 3}, OWN, 0},
    [ST_BAD]          = {{124, 1}, OWN, LOOK_BOLD},
    [ST_PENDING]      = {{241, 8}, OWN, 0},
    [ST_QUEUED]       = {{130, 3}, OWN, 0},
    [ST_RUNNING]      = {{25, 4},  OWN, LOOK_BOLD},
    [ST_STOPPING]     = {{90, 5},  OWN, 0},
    [ST_COMPLETED]    = {{28, 2},  OWN, 0},
    [ST_FAILED]       = {{124, 1}, OWN, LOOK_BOLD},
    [ST_CANCELLED]    = {{241, 8}, OWN, 0},
    [ST_UNKNOWN]      = {{90, 5},  OWN, 0},
    [ST_BAR]          = {{25, 4},  OWN, 0},
    [ST_BAR_REST]     = {{250, 7}, OWN, 0},
    [ST_TIME]         = {{241, 8}, OWN, 0},
    [ST_LINK]         = {{25, 4},  OWN, LOOK_UNDERLINE},
    [ST_KEY]          = {{25, 4},  OWN, LOOK_BOLD},
    [ST_HINT]         = {{241, 8}, OWN, 0},
    [ST_INPUT]        = {OWN,      OWN, LOOK_UNDERLINE},
    [ST_INPUT_FOCUS]  = {OWN,      OWN, LOOK_UNDERLINE | LOOK_BOLD},
    [ST_INPUT_BAD]    = {{124, 1}, OWN, LOOK_UNDERLINE},
    [ST_MATCH]        = {{130, 3}, OWN, LOOK_UNDERLINE},
    [ST_MATCH_HERE]   = {{130, 3}, OWN, LOOK_REVERSE},
    [ST_DIALOG]       = {OWN,      OWN, 0},
    [ST_DIALOG_TITLE] = {{130, 3}, OWN, LOOK_BOLD},
    [ST_BUTTON]       = {OWN,      OWN, 0},
    [ST_BUTTON_FOCUS] = {OWN,      OWN, LOOK_REVERSE | LOOK_BOLD},
    [ST_TAB]          = {{241, 8}, OWN, 0},
    [ST_TAB_HERE]     = {{25, 4},  OWN, LOOK_BOLD | LOOK_UNDERLINE},
    [ST_CONTEXT]         = {OWN, OWN, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_RED]     = {{124, 1}, OWN, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_YELLOW]  = {{130, 3}, OWN, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_GREEN]   = {{28, 2}, OWN, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_CYAN]    = {{30, 6}, OWN, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_BLUE]    = {{25, 4}, OWN, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_MAGENTA] = {{90, 5}, OWN, LOOK_BOLD | LOOK_REVERSE},
};

static const struct row light_overs[OVERLAY_COUNT] = {
    [OVER_NONE]        = {OWN,      OWN, LOOK_KEEP},
    [OVER_CURSOR]      = {OWN,      OWN, LOOK_REVERSE},
    [OVER_CURSOR_IDLE] = {OWN,      OWN, LOOK_KEEP | LOOK_BOLD | LOOK_UNDERLINE},
    [OVER_MARKED]      = {{130, 3}, OWN, LOOK_BOLD},
    [OVER_CHANGED]     = {OWN,      OWN, LOOK_KEEP | LOOK_BOLD},
    [OVER_SELECTED]    = {OWN,      OWN, LOOK_KEEP | LOOK_REVERSE},
    [OVER_STALE]       = {{246, 8}, OWN, 0},
};

#define BLACK {16, 0}
#define WHITE {231, 15}
#define YELLOW {226, 11}
/* clang-format on */

/* White and bright colours on black, nothing dimmed. */
/* clang-format off */
static const struct row contrast_styles[STYLE_COUNT] = {
    [ST_TEXT]         = {WHITE,     BLACK,  0},
    [ST_DIM]          = {WHITE,     BLACK,  0},
    [ST_STRONG]       = {WHITE,     BLACK,  LOOK_BOLD},
    [ST_HEADER]       = {WHITE,     BLACK,  LOOK_BOLD},
    [ST_HEADER_LABEL] = {WHITE,     BLACK,  0},
    [ST_TITLE]        = {WHITE,     BLACK,  LOOK_BOLD},
    [ST_TITLE_FOCUS]  = {YELLOW,    BLACK,  LOOK_BOLD},
    [ST_BORDER]       = {WHITE,     BLACK,  0},
    [ST_BORDER_FOCUS] = {YELLOW,    BLACK,  LOOK_BOLD},
    [ST_COLUMN]       = {WHITE,     BLACK,  LOOK_UNDERLINE},
    [ST_COLUMN_SORT]  = {YELLOW,    BLACK,  LOOK_BOLD | LOOK_UNDERLINE},
    [ST_LABEL]        = {WHITE,     BLACK,  0},
    [ST_INFO]         = {{51, 14},  BLACK,  0},
    [ST_GOOD]         = {{46, 10},  BLACK,  0},
    [ST_WARN]         = {YELLOW,    BLACK,  LOOK_BOLD},
    [ST_BAD]          = {{203, 9},  BLACK,  LOOK_BOLD},
    [ST_PENDING]      = {WHITE,     BLACK,  0},
    [ST_QUEUED]       = {YELLOW,    BLACK,  0},
    [ST_RUNNING]      = {{51, 14},  BLACK,  LOOK_BOLD},
    [ST_STOPPING]     = {{213, 13}, BLACK,  0},
    [ST_COMPLETED]    = {{46, 10},  BLACK,  0},
    [ST_FAILED]       = {{203, 9},  BLACK,  LOOK_BOLD},
    [ST_CANCELLED]    = {WHITE,     BLACK,  LOOK_UNDERLINE},
    [ST_UNKNOWN]      = {{213, 13}, BLACK,  0},
    [ST_BAR]          = {{51, 14},  BLACK,  0},
    [ST_BAR_REST]     = {WHITE,     BLACK,  0},
    [ST_TIME]         = {WHITE,     BLACK,  0},
    [ST_LINK]         = {{51, 14},  BLACK,  LOOK_UNDERLINE},
    [ST_KEY]          = {YELLOW,    BLACK,  LOOK_BOLD},
    [ST_HINT]         = {WHITE,     BLACK,  0},
    [ST_INPUT]        = {WHITE,     BLACK,  LOOK_UNDERLINE},
    [ST_INPUT_FOCUS]  = {YELLOW,    BLACK,  LOOK_UNDERLINE | LOOK_BOLD},
    [ST_INPUT_BAD]    = {{203, 9},  BLACK,  LOOK_UNDERLINE | LOOK_BOLD},
    [ST_MATCH]        = {YELLOW,    BLACK,  LOOK_UNDERLINE},
    [ST_MATCH_HERE]   = {BLACK,     YELLOW, LOOK_BOLD},
    [ST_DIALOG]       = {WHITE,     BLACK,  0},
    [ST_DIALOG_TITLE] = {YELLOW,    BLACK,  LOOK_BOLD},
    [ST_BUTTON]       = {WHITE,     BLACK,  0},
    [ST_BUTTON_FOCUS] = {BLACK,     YELLOW, LOOK_BOLD},
    [ST_TAB]          = {WHITE,     BLACK,  0},
    [ST_TAB_HERE]     = {YELLOW,    BLACK,  LOOK_BOLD | LOOK_UNDERLINE},
    [ST_CONTEXT]         = {WHITE, BLACK, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_RED]     = {{203, 9}, BLACK, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_YELLOW]  = {YELLOW, BLACK, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_GREEN]   = {{46, 10}, BLACK, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_CYAN]    = {{51, 14}, BLACK, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_BLUE]    = {{75, 12}, BLACK, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_MAGENTA] = {{213, 13}, BLACK, LOOK_BOLD | LOOK_REVERSE},
};

static const struct row contrast_overs[OVERLAY_COUNT] = {
    [OVER_NONE]        = {OWN,      OWN,    LOOK_KEEP},
    [OVER_CURSOR]      = {BLACK,    YELLOW, LOOK_BOLD},
    [OVER_CURSOR_IDLE] = {OWN,      OWN,    LOOK_KEEP | LOOK_BOLD | LOOK_UNDERLINE},
    [OVER_MARKED]      = {YELLOW,   BLACK,  LOOK_BOLD | LOOK_UNDERLINE},
    [OVER_CHANGED]     = {OWN,      OWN,    LOOK_KEEP | LOOK_BOLD},
    [OVER_SELECTED]    = {BLACK,    WHITE,  0},
    [OVER_STALE]       = {{250, 7}, BLACK,  0},
};

#define BLUE {33, 12}
#define ORANGE {208, 11}
/* clang-format on */

/* Blue against orange, which nearly everybody can tell apart; no red, no green. */
/* clang-format off */
static const struct row blind_styles[STYLE_COUNT] = {
    [ST_TEXT]         = {OWN,      OWN, 0},
    [ST_DIM]          = {{244, 8}, OWN, 0},
    [ST_STRONG]       = {OWN,      OWN, LOOK_BOLD},
    [ST_HEADER]       = {OWN,      OWN, 0},
    [ST_HEADER_LABEL] = {{244, 8}, OWN, 0},
    [ST_TITLE]        = {{244, 8}, OWN, LOOK_BOLD},
    [ST_TITLE_FOCUS]  = {BLUE,     OWN, LOOK_BOLD},
    [ST_BORDER]       = {{240, 8}, OWN, 0},
    [ST_BORDER_FOCUS] = {BLUE,     OWN, 0},
    [ST_COLUMN]       = {{244, 8}, OWN, 0},
    [ST_COLUMN_SORT]  = {BLUE,     OWN, LOOK_BOLD},
    [ST_LABEL]        = {{244, 8}, OWN, 0},
    [ST_INFO]         = {BLUE,     OWN, 0},
    [ST_GOOD]         = {BLUE,     OWN, 0},
    [ST_WARN]         = {ORANGE,   OWN, 0},
    [ST_BAD]          = {ORANGE,   OWN, LOOK_BOLD},
    [ST_PENDING]      = {{244, 8}, OWN, 0},
    [ST_QUEUED]       = {OWN,      OWN, 0},
    [ST_RUNNING]      = {OWN,      OWN, LOOK_BOLD},
    [ST_STOPPING]     = {OWN,      OWN, LOOK_UNDERLINE},
    [ST_COMPLETED]    = {BLUE,     OWN, 0},
    [ST_FAILED]       = {ORANGE,   OWN, LOOK_BOLD},
    [ST_CANCELLED]    = {{244, 8}, OWN, 0},
    [ST_UNKNOWN]      = {OWN,      OWN, LOOK_UNDERLINE},
    [ST_BAR]          = {BLUE,     OWN, 0},
    [ST_BAR_REST]     = {{240, 8}, OWN, 0},
    [ST_TIME]         = {{244, 8}, OWN, 0},
    [ST_LINK]         = {BLUE,     OWN, LOOK_UNDERLINE},
    [ST_KEY]          = {BLUE,     OWN, LOOK_BOLD},
    [ST_HINT]         = {{244, 8}, OWN, 0},
    [ST_INPUT]        = {OWN,      OWN, LOOK_UNDERLINE},
    [ST_INPUT_FOCUS]  = {OWN,      OWN, LOOK_UNDERLINE | LOOK_BOLD},
    [ST_INPUT_BAD]    = {ORANGE,   OWN, LOOK_UNDERLINE | LOOK_BOLD},
    [ST_MATCH]        = {OWN,      OWN, LOOK_UNDERLINE | LOOK_BOLD},
    [ST_MATCH_HERE]   = {OWN,      OWN, LOOK_REVERSE},
    [ST_DIALOG]       = {OWN,      OWN, 0},
    [ST_DIALOG_TITLE] = {ORANGE,   OWN, LOOK_BOLD},
    [ST_BUTTON]       = {OWN,      OWN, 0},
    [ST_BUTTON_FOCUS] = {OWN,      OWN, LOOK_REVERSE | LOOK_BOLD},
    [ST_TAB]          = {{244, 8}, OWN, 0},
    [ST_TAB_HERE]     = {BLUE,     OWN, LOOK_BOLD | LOOK_UNDERLINE},
    [ST_CONTEXT]         = {OWN, OWN, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_RED]     = {{166, 9}, OWN, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_YELLOW]  = {{220, 11}, OWN, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_GREEN]   = {{36, 2}, OWN, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_CYAN]    = {{117, 14}, OWN, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_BLUE]    = {BLUE, OWN, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_MAGENTA] = {{175, 13}, OWN, LOOK_BOLD | LOOK_REVERSE},
};
/* clang-format on */

/* No colour at all: weight, underline and reverse only. Used for every theme where the terminal has
 * no colours. */
/* clang-format off */
static const struct row mono_styles[STYLE_COUNT] = {
    [ST_TEXT]         = {OWN, OWN, 0},
    [ST_DIM]          = {OWN, OWN, LOOK_DIM},
    [ST_STRONG]       = {OWN, OWN, LOOK_BOLD},
    [ST_HEADER]       = {OWN, OWN, 0},
    [ST_HEADER_LABEL] = {OWN, OWN, LOOK_DIM},
    [ST_TITLE]        = {OWN, OWN, 0},
    [ST_TITLE_FOCUS]  = {OWN, OWN, LOOK_BOLD},
    [ST_BORDER]       = {OWN, OWN, LOOK_DIM},
    [ST_BORDER_FOCUS] = {OWN, OWN, LOOK_BOLD},
    [ST_COLUMN]       = {OWN, OWN, LOOK_UNDERLINE},
    [ST_COLUMN_SORT]  = {OWN, OWN, LOOK_BOLD | LOOK_UNDERLINE},
    [ST_LABEL]        = {OWN, OWN, LOOK_DIM},
    [ST_INFO]         = {OWN, OWN, 0},
    [ST_GOOD]         = {OWN, OWN, 0},
    [ST_WARN]         = {OWN, OWN, LOOK_BOLD},
    [ST_BAD]          = {OWN, OWN, LOOK_BOLD},
    [ST_PENDING]      = {OWN, OWN, 0},
    [ST_QUEUED]       = {OWN, OWN, 0},
    [ST_RUNNING]      = {OWN, OWN, LOOK_BOLD},
    [ST_STOPPING]     = {OWN, OWN, 0},
    [ST_COMPLETED]    = {OWN, OWN, 0},
    [ST_FAILED]       = {OWN, OWN, LOOK_BOLD},
    [ST_CANCELLED]    = {OWN, OWN, LOOK_DIM},
    [ST_UNKNOWN]      = {OWN, OWN, LOOK_UNDERLINE},
    [ST_BAR]          = {OWN, OWN, 0},
    [ST_BAR_REST]     = {OWN, OWN, LOOK_DIM},
    [ST_TIME]         = {OWN, OWN, LOOK_DIM},
    [ST_LINK]         = {OWN, OWN, LOOK_UNDERLINE},
    [ST_KEY]          = {OWN, OWN, LOOK_BOLD},
    [ST_HINT]         = {OWN, OWN, 0},
    [ST_INPUT]        = {OWN, OWN, LOOK_UNDERLINE},
    [ST_INPUT_FOCUS]  = {OWN, OWN, LOOK_UNDERLINE | LOOK_BOLD},
    [ST_INPUT_BAD]    = {OWN, OWN, LOOK_UNDERLINE | LOOK_BOLD},
    [ST_MATCH]        = {OWN, OWN, LOOK_UNDERLINE},
    [ST_MATCH_HERE]   = {OWN, OWN, LOOK_REVERSE},
    [ST_DIALOG]       = {OWN, OWN, 0},
    [ST_DIALOG_TITLE] = {OWN, OWN, LOOK_BOLD},
    [ST_BUTTON]       = {OWN, OWN, 0},
    [ST_BUTTON_FOCUS] = {OWN, OWN, LOOK_REVERSE | LOOK_BOLD},
    [ST_TAB]          = {OWN, OWN, 0},
    [ST_TAB_HERE]     = {OWN, OWN, LOOK_BOLD | LOOK_UNDERLINE},
    [ST_CONTEXT]         = {OWN, OWN, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_RED]     = {OWN, OWN, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_YELLOW]  = {OWN, OWN, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_GREEN]   = {OWN, OWN, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_CYAN]    = {OWN, OWN, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_BLUE]    = {OWN, OWN, LOOK_BOLD | LOOK_REVERSE},
    [ST_CONTEXT_MAGENTA] = {OWN, OWN, LOOK_BOLD | LOOK_REVERSE},
};

static const struct row mono_overs[OVERLAY_COUNT] = {
    [OVER_NONE]        = {OWN, OWN, LOOK_KEEP},
    [OVER_CURSOR]      = {OWN, OWN, LOOK_REVERSE},
    [OVER_CURSOR_IDLE] = {OWN, OWN, LOOK_KEEP | LOOK_UNDERLINE},
    [OVER_MARKED]      = {OWN, OWN, LOOK_BOLD},
    [OVER_CHANGED]     = {OWN, OWN, LOOK_KEEP | LOOK_BOLD},
    [OVER_SELECTED]    = {OWN, OWN, LOOK_KEEP | LOOK_REVERSE},
    [OVER_STALE]       = {OWN, OWN, LOOK_DIM},
};
/* clang-format on */

enum { MONO = 4 };
static const struct theme themes[] = {
    {"default",       default_styles,  default_overs },
    {"light",         light_styles,    light_overs   },
    {"high-contrast", contrast_styles, contrast_overs},
    {"colour-blind",  blind_styles,    default_overs },
    [MONO] = {"mono",          mono_styles,     mono_overs    },
};
enum { THEMES_LEN = sizeof themes / sizeof *themes };

const struct theme *theme_find(const char *name, struct err *e)
{
    if (name == NULL || name[0] == '\0') {
        return &themes[0];
    }
    if (strcmp(name, "color-blind") == 0) {
        name = "colour-blind";
    }
    for (size_t i = 0; i < THEMES_LEN; i++) {
        if (strcmp(themes[i].name, name) == 0) {
            return &themes[i];
        }
    }
    (void)err_set(e, E_INVALID,
                  "theme \"%.40s\" does not exist: choose default, light, high-contrast, "
                  "colour-blind or mono",
                  name);
    return NULL;
}

const char *theme_list(size_t i)
{
    return i < THEMES_LEN ? themes[i].name : NULL;
}

/* The colour of a shade at the given depth; with 8 colours a bright one asks for bold. */
static int16_t resolve(struct shade s, int colors, uint8_t *flags)
{
    if (s.c < 0 || colors == 0) {
        return -1;
    }
    if (colors >= 256) {
        return s.x;
    }
    if (colors >= 16 || s.c < 8) {
        return s.c;
    }
    if (s.c == 8) { /* grey: black in bold cannot be seen on many terminals */
        return -1;
    }
    if (flags != NULL) {
        *flags |= LOOK_BOLD;
    }
    return (int16_t)(s.c - 8);
}

struct look theme_look(const struct theme *t, enum style s, enum overlay o, int colors)
{
    const struct theme *used = colors == 0 ? &themes[MONO] : t;
    const struct row *cell = &used->styles[s];
    const struct row *over = &used->overs[o];
    const struct row *from = (over->flags & LOOK_KEEP) != 0 ? cell : over;
    struct look l = {.flags = over->flags};

    if ((over->flags & LOOK_KEEP) != 0) {
        l.flags = (uint8_t)(over->flags | cell->flags);
    }
    l.fg = resolve(from->fg, colors, &l.flags);
    l.bg = resolve(from->bg, colors, NULL);
    l.flags &= (uint8_t)~LOOK_KEEP;
    return l;
}
