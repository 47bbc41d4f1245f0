"""The shared library by ctypes: what the scripts here need of it."""
import ctypes as c

CASTINGS = ['safe', 'equiv', 'same_kind', 'unsafe']  # npk_casting in its order; NumPy's names


class Error(c.Structure):
    _fields_ = [('status', c.c_int), ('opcode', c.c_int), ('offset', c.c_uint64), ('system', c.c_int),
                ('message', c.c_char * 232), ('reserved', c.c_uint64 * 4)]


class Array(c.Structure):
    _fields_ = [('dtype', c.c_void_p), ('data', c.c_void_p), ('ndim', c.c_int), ('shape', c.POINTER(c.c_int64)),
                ('strides', c.POINTER(c.c_int64)), ('order', c.c_char), ('readonly', c.c_bool), ('encoding', c.c_int),
                ('payload', c.c_void_p), ('payload_size', c.c_size_t), ('source', c.c_void_p),
                ('objects', c.c_void_p), ('reserved', c.c_void_p * 4)]


class Library(object):
    def __init__(self, path):
        self.lib = c.CDLL(path)
        self.lib.npk_dtype_can_cast.restype = c.c_bool
        self.lib.npk_status_name.restype = c.c_char_p
        self.lib.npk_dtype_free.restype = None
        self.dtypes = {}

    def dtype(self, text):
        if text not in self.dtypes:
            out = c.c_void_p()
            status = self.lib.npk_dtype_parse(text.encode(), None, c.byref(out), None)
            if status != 0:
                raise ValueError(text)
            self.dtypes[text] = out
        return self.dtypes[text]

    def array(self, array, dtype):
        """A view of an ndarray; what it borrows is kept with it."""
        out = Array()
        out.dtype = dtype
        out.data = array.ctypes.data
        out.ndim = array.ndim
        out.kept = (array, (c.c_int64 * max(array.ndim, 1))(*array.shape),
                    (c.c_int64 * max(array.ndim, 1))(*array.strides))
        out.shape, out.strides = out.kept[1], out.kept[2]
        return out

    def can_cast(self, from_, to, casting):
        return self.lib.npk_dtype_can_cast(self.dtype(from_), self.dtype(to), CASTINGS.index(casting))

    def read_as(self, array, from_, to, casting, result):
        """Into `result`, an ndarray in C order; the name of the status."""
        error = Error()
        status = self.lib.npk_array_read_as(c.byref(self.array(array, self.dtype(from_))), self.dtype(to),
                                      CASTINGS.index(casting), c.c_void_p(result.ctypes.data),
                                      c.c_size_t(result.size), c.byref(error))
        return self.lib.npk_status_name(status).decode(), error.message.decode()
