/* Reading the table of parameters. */
#include "parameters.h"

#include <string.h>

static const char *const names[] = {
#define X(name) #name,
    PARAMETERS(X)
#undef X
};

static int parameter_find(const char *name)
{
    for (int i = 0; i < PARAMETER_COUNT; i++)
        if (!strcmp(names[i], name))
            return i;
    return -1;
}

static unsigned names_read(char *line, struct a8_model models[MODELS_MAX])
{
    unsigned count = 0;
    char *word = strtok(line, " \n");

    if (!word || strcmp(word, "models"))
        return 0;
    while ((word = strtok(NULL, " \n")) && count < MODELS_MAX)
        snprintf(models[count++].name, sizeof models->name, "%s", word);
    return word ? 0 : count;
}

static int row_read(char *line, struct a8_model models[MODELS_MAX], unsigned count)
{
    char *word = strtok(line, " \n");
    int which = word ? parameter_find(word) : -1;

    for (unsigned i = 0; i < count; i++)
        if (which < 0 || !(word = strtok(NULL, " \n")) || sscanf(word, "%u", &models[i].p[which]) != 1)
            return -1;
    return which;
}

unsigned models_read(FILE *file, struct a8_model models[MODELS_MAX], const char **why)
{
    char line[512];
    unsigned count = 0, seen = 0;
    int given[PARAMETER_COUNT] = {0}, which;

    if (fgets(line, sizeof line, file))
        count = names_read(line, models);
    *why = "its first line does not name models";
    if (!count)
        return 0;
    *why = "a line is no parameter with a value a model";
    while (fgets(line, sizeof line, file)) {
        if ((which = row_read(line, models, count)) < 0)
            return 0;
        seen += !given[which]++;
    }
    *why = "not all parameters are there";
    return seen == PARAMETER_COUNT ? count : 0;
}
