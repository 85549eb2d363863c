namespace LiverSeg.Functional;

/// <summary>What a phantom's voxel belongs to.</summary>
public enum Organ : byte
{
    /// <summary>Outside of the body.</summary>
    Air,

    /// <summary>Skin and the fat below it.</summary>
    Fat,

    /// <summary>Muscles of wall and back.</summary>
    Muscle,

    /// <summary>Fat between the organs.</summary>
    InnerFat,

    /// <summary>Vertebrae and ribs.</summary>
    Bone,

    /// <summary>Both lungs.</summary>
    Lung,

    /// <summary>Heart.</summary>
    Heart,

    /// <summary>Liver tissue; lesions, cysts and the vessels inside are labels of their own.</summary>
    Liver,

    /// <summary>A solid lesion in the liver.</summary>
    Lesion,

    /// <summary>A cyst in the liver.</summary>
    Cyst,

    /// <summary>A vessel inside the liver.</summary>
    LiverVessel,

    /// <summary>Spleen.</summary>
    Spleen,

    /// <summary>Stomach wall and its fluid.</summary>
    Stomach,

    /// <summary>Gas in stomach and bowel.</summary>
    Gas,

    /// <summary>Both kidneys.</summary>
    Kidney,

    /// <summary>Gall bladder.</summary>
    GallBladder,

    /// <summary>Pancreas.</summary>
    Pancreas,

    /// <summary>Aorta.</summary>
    Aorta,

    /// <summary>Inferior vena cava and portal vein outside of the liver.</summary>
    Vein,

    /// <summary>Bowel loops.</summary>
    Bowel,
}

/// <summary>An <see cref="Organ"/> as a voxel.</summary>
/// <remarks><c>default</c> is air.</remarks>
/// <param name="Value">The organ.</param>
public readonly record struct OrganLabel(Organ Value);
