/* decode_keys.h - the names of keys, for decode.c: one function for each form in which keys
 * come. */
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
    char prefix; /* one of < = > ? before the parameters, or 0 */
    char inner;  /* the last intermediate byte (0x20-0x2f), or 0 */
    char final;  /* also "$", by which rxvt ends shifted keys */
    /* the parameters "a:b:c;d": [0] = a b c, [1] = d; -1: not given */
    int n[CSI_PARAMS][CSI_PARTS];
    size_t params; /* how many parameters there were, also beyond CSI_PARAMS */
};

/* Fills `c` from the parameter and intermediate bytes and the final byte. */
void csi_parse(struct csi *c, const char *bytes, size_t len, char final);
/* Names a key that was pressed or repeated and returns true; false for releases, reports, replies
 * and keys without a name. */
bool csi_key(const struct csi *c, char key[KEY_NAME_SIZE]);
/* Names the key of "ESC O", modifiers (1: none, as xterm counts) and a final byte. */
bool ss3_key(int modifier, char final, char key[KEY_NAME_SIZE]);
/* Names the key of a C0 control character or DEL, which always is one. */
void control_key(unsigned char c, char key[KEY_NAME_SIZE]);
/* Names the key of a printable character. False for a character that must not be shown. */
bool text_key(uint32_t cp, char key[KEY_NAME_SIZE]);
/* Puts M- before a name (after C-); false when the name has it already or gets too long. */
bool alt_key(char key[KEY_NAME_SIZE]);
#endif
