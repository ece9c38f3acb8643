/* decode_keys.h - names of keys, for decode.c: one function for each form that keys come in. */
#ifndef UI_DECODE_KEYS_H
#define UI_DECODE_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/event.h"

enum { MOD_SHIFT = 1, MOD_ALT = 2, MOD_CTRL = 4 };

enum { CSI_PARAMS = 4, CSI_PARTS = 3 };

/* A control sequence, taken apart. */
struct csi {
    char prefix;                  /* one of < = > ? before the parameters, or 0 */
    char inner;                   /* the last intermediate byte (0x20-0x2f), or 0 */
    char final;                   /* "$" as well, in which rxvt ends shifted keys */
    int n[CSI_PARAMS][CSI_PARTS]; /* "a:b:c;d": [0] = a b c, [1] = d; -1: not given */
    size_t params;                /* how many were there, also over CSI_PARAMS */
};

/* Fills `c` from the parameter and intermediate bytes and the final one. */
void csi_parse(struct csi *c, const char *bytes, size_t len, char final);
/* True and the name when it is a key that was pressed or repeated; false for releases, reports,
 * replies and keys without a name. */
bool csi_key(const struct csi *c, char key[KEY_NAME_SIZE]);
/* The same for "ESC O", modifiers (1: none, as xterm counts) and a final byte. */
bool ss3_key(int modifier, char final, char key[KEY_NAME_SIZE]);
/* C0 and DEL: always a key. */
void control_key(unsigned char c, char key[KEY_NAME_SIZE]);
/* A printable character. False for what must not be shown. */
bool text_key(uint32_t cp, char key[KEY_NAME_SIZE]);
/* Puts M- before a name (after C-); false when it has it already or gets too long. */
bool alt_key(char key[KEY_NAME_SIZE]);
#endif
