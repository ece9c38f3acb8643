/* place_folder.h - a state folder of a test's own, with a place that needs no request. */
#ifndef TEST_PLACE_FOLDER_H
#define TEST_PLACE_FOLDER_H

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/path.h"
#include "ops/place.h"

/* The account and folder of the operations under test. */
static inline struct ops place_folder_new(void)
{
    char dir[] = "/tmp/mvpdash-place.XXXXXX";

    cr_assert_not_null(mkdtemp(dir));
    return (struct ops){.state_dir = xstrdup(dir),
                        .place = place_fixed("111122223333", "us-east-1")};
}

static inline void place_folder_free(struct ops *o)
{
    (void)!path_remove_tree(o->state_dir, NULL);
    free(o->state_dir);
    place_free(o->place);
}

/* The one file in a folder of the state folder; NULL: there is none. Owned. */
static inline char *place_folder_file(const struct ops *o, const char *folder)
{
    char *dir = path_join(o->state_dir, folder);
    DIR *d = opendir(dir);
    const struct dirent *ent;
    char *path = NULL;

    while (d != NULL && (ent = readdir(d)) != NULL) {
        if (ent->d_name[0] != '.') {
            cr_assert_null(path, "one file, no temporary one left behind");
            path = path_join(dir, ent->d_name);
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    free(dir);
    return path;
}
#endif
