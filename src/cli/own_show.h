/* own_show.h - views and commands of config.ini, with what is wrong in them, and the keys that they
 * take from other actions. */
#ifndef CLI_OWN_SHOW_H
#define CLI_OWN_SHOW_H

struct cli;

void own_show(struct cli *c);
#endif
