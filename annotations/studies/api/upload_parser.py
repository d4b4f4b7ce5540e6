"""Multipart bodies whose file names keep their folders ("study/CT/0001.dcm").

Django cuts a file's name down to its last part, rightly: it is written by the client. Here the whole
path is kept beside the temporary file, and `safe_relative_path` decides what may become of it. Files
go to disk as they arrive, in chunks, and never into memory.
"""

import errno
from collections.abc import Mapping
from typing import IO, Any, cast

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http.multipartparser import MultiPartParser as DjangoMultiPartParser
from django.http.multipartparser import MultiPartParserError
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, DataAndFiles

from annotations.errors import StorageFull


class _KeepsPaths(DjangoMultiPartParser):
    def sanitize_file_name(self, file_name: str) -> str | None:
        return file_name or None


class _ToDisk(TemporaryFileUploadHandler):
    """Each file to a temporary file in FILE_UPLOAD_TEMP_DIR, with the path the client sent."""

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, file_name, *args, **kwargs)
        self.file.sent_path = file_name  # type: ignore[attr-defined]


class PathKeepingMultiPartParser(BaseParser):
    media_type = "multipart/form-data"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> "DataAndFiles[Any, Any]":
        assert parser_context is not None
        request = parser_context["request"]
        meta = {**request.META, "CONTENT_TYPE": media_type}
        encoding = parser_context.get("encoding", settings.DEFAULT_CHARSET)
        try:
            parser = _KeepsPaths(meta, cast(Any, stream), [_ToDisk(request)], encoding)
            data, files = parser.parse()
        except MultiPartParserError as error:
            raise ParseError(f"The upload cannot be read: {error}") from error
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StorageFull("The disk of the server is full. Nothing was stored.") from error
            raise
        return DataAndFiles(data, files)


def sent_path(file: "UploadedFile[Any]") -> str:
    """The whole path that came with a file of PathKeepingMultiPartParser."""
    return str(getattr(file, "sent_path", file.name))


def temporary_path(file: "UploadedFile[Any]") -> str:
    assert isinstance(file, TemporaryUploadedFile)
    return file.temporary_file_path()
