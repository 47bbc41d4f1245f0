#include "dtype/mask.h"

#include "base/allocator.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* Which bytes of an item hold data: '1', or '0' for padding. "": all do. */
static const struct {
    const char *dtype, *mask;
} masks[] = {
    {"f8", ""},
    {"<g", "1111111111000000"},
    {">g", "0000001111111111"},
    {"i4,f8", ""},
    {"{'names':['a','b'],'formats':['i4','f8'],'aligned':True}", "1111000011111111"},
    {"{'names':['a'],'formats':['(2,)u1'],'offsets':[1],'itemsize':5}", "01100"},
    {"[('a',{'names':['x'],'formats':['u1'],'itemsize':2},(3,))]", "101010"},
    {"{'names':['a','b'],'formats':['u4','u2'],'offsets':[0,1],'itemsize':6}", "111100"},
    {"{'names':['a','b'],'formats':['u1',('f8',(0,))],'itemsize':2}", "10"}, /* no items, at the end of the item */
    {"{'names':['a','b'],'formats':['u1',([('x','2u8')],(0,3))],'offsets':[0,1],'itemsize':2}", "10"},
    {"[('a',[])]", ""},
};

Test(inside, masks)
{
    npk_allocator memory = npki_allocator(NULL);
    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
        const npk_dtype *dtype;
        uint8_t *mask;
        uint64_t work = npki_dtype_mask_work(0);
        char told[64] = "";
        cr_assert_eq(npk_dtype_parse(masks[i].dtype, NULL, &dtype, NULL), NPK_OK);
        cr_assert_eq(npki_dtype_mask(dtype, &memory, &work, &mask), NPK_OK);
        size_t size = (size_t)npk_dtype_itemsize(dtype);
        for (size_t at = 0; mask != NULL && at < size; at++)
            strcat(told, mask[at] == 0xff ? "1" : "0");
        cr_expect_str_eq(told, masks[i].mask, "%s: %s", masks[i].dtype, told);
        if (mask != NULL)
            npki_free(&memory, mask, size);
        npk_dtype_free(dtype);
    }
}
