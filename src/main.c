/* main.c - wires the areas together; the only file that knows them all. */
#include <stdio.h>

int main(void)
{
    return puts("mvpdash " MVPDASH_VERSION) < 0;
}
