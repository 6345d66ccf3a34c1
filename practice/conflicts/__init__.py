"""Whether the firm may act: names of an enquiry against everybody the firm acts for or against."""
