"""A file to take over."""

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.csv_files import MAX_BYTES
from customers.models import Import


class ImportForm(forms.Form):
    kind = forms.ChoiceField(label=_("What is in it?"), choices=Import.Kind, widget=forms.RadioSelect, initial="people")
    file = forms.FileField(
        label=_("CSV file"),
        widget=forms.FileInput({"accept": ".csv,text/csv"}),
        help_text=_("As a spreadsheet saves it. Nothing is kept before you have seen what it would do."),
        error_messages={
            "required": _("Please choose a file."),
            "empty": _("The file is empty."),
            "missing": _("No file arrived."),
            "invalid": _("The file did not arrive. Please try again."),
        },
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            raise forms.ValidationError(
                gettext("The file is larger than %(most)s MB. Please split it.") % {"most": MAX_BYTES // 2**20}
            )
        return file
