/* File names that complete what is typed in a line. */
#include "core/complete.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/path.h"

/* the number of a folder's entries that are read: a folder may hold millions */
enum { LOOKED_AT_MAX = 20000 };

char *path_expand(const char *path)
{
    if (path[0] != '~' || (path[1] != '/' && path[1] != '\0')) {
        return xstrdup(path);
    }
    char *home = path_home();
    char *full = xasprintf("%s%s", home, path + 1);
    free(home);
    return full;
}

/* Sorts folders before files, and each of the two by name. */
static int by_name(const void *a, const void *b)
{
    const char *x = *(char *const *)a, *y = *(char *const *)b;
    bool dx = x[strlen(x) - 1] == '/', dy = y[strlen(y) - 1] == '/';

    return dx != dy ? (dx ? -1 : 1) : strcmp(x, y);
}

/* Tells what the entry is: a folder (1), a file that can be read as one (0), or neither (-1). */
static int kind_of(int dir, const struct dirent *ent)
{
    struct stat st;

    if (fstatat(dir, ent->d_name, &st, 0) != 0) {
        return -1;
    }
    return S_ISDIR(st.st_mode) ? 1 : S_ISREG(st.st_mode) ? 0 : -1;
}

char **path_complete(const char *typed, size_t max, size_t *len)
{
    const char *slash = strrchr(typed, '/');
    const char *name = slash == NULL ? typed : slash + 1;
    char *folder = xstrndup(typed, (size_t)(name - typed));
    char *full = path_expand(folder[0] == '\0' ? "./" : folder);
    DIR *d = opendir(full);
    const struct dirent *ent;
    char **found = NULL;
    size_t n = 0, cap = 0;

    for (int looked = 0; d != NULL && looked < LOOKED_AT_MAX && (ent = readdir(d)) != NULL;
         looked++) {
        const char *s = ent->d_name;
        if (strncmp(s, name, strlen(name)) != 0 || (s[0] == '.' && name[0] != '.') ||
            strcmp(s, ".") == 0 || strcmp(s, "..") == 0) {
            continue;
        }
        int kind = kind_of(dirfd(d), ent);
        if (kind >= 0) {
            found = xgrow(found, n, &cap, sizeof *found);
            found[n++] = xasprintf("%s%s%s", folder, s, kind == 1 ? "/" : "");
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    free(full);
    free(folder);
    if (n > 0) {
        qsort(found, n, sizeof *found, by_name);
    }
    while (n > max) {
        free(found[--n]);
    }
    *len = n;
    return found;
}

size_t complete_common(char *const *paths, size_t len)
{
    size_t n = len == 0 ? 0 : strlen(paths[0]);

    for (size_t i = 1; i < len; i++) {
        size_t same = 0;
        while (same < n && paths[i][same] == paths[0][same]) {
            same++;
        }
        n = same;
    }
    return n;
}
